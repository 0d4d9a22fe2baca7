/*
 * support_script.h - an engine driven by a script, for tables of cases.
 *
 * A script is lines of words; what the engine asks for is printed after the line that
 * led to it, as "> command" and, for the ledger, "| put ..." and "| drop ...", and what
 * others lost as "~ application: ...", and hosts that came or went as "@ host ...".
 *
 *   patience N MS                first: a host is gone after N intervals and MS
 *   want APP config NAME CONTENT
 *   want APP link SOURCE TARGET NS:PKG/IFACE[,IFACE] [NAME [SOURCECFG [TARGETCFG]]]
 *   want APP component ID IMAGE COUNT [CONFIG[,CONFIG]]      daemon for one on each host
 *   want APP provider ID IMAGE COUNT [CONFIG[,CONFIG]]
 *   want APP shared ID OTHER NAME component|provider absent|closed|unknown|there
 *                                links that name ID mean what OTHER runs as NAME
 *   want APP redeliver auto|link|restart|never
 *   declare APP                  what was wanted since the last declare of APP
 *   retract APP | prune APP      asked for, or because the manifest went away
 *   pause APP | resume APP       nothing is sent for it; it is again
 *   suspend | go-on              the same for all
 *   recall MADE SEQUENCE DEAF_TO [HOST AGE_MS INTERVAL_MS]...
 *                                what was known of both buckets, MADE or -, and hosts
 *   remember sent|confirmed config NAME CONTENT
 *   remember sent|confirmed link SOURCE TARGET NS:PKG/IFACE
 *                                of an hour ago; unanswered: confirmed, and sent again;
 *                                flying: confirmed, and sent again just now
 *   remember sent|confirmed component|provider HOST ID IMAGE [GOOD FAILED TEXT...]
 *   remember sent|confirmed component|provider HOST ID IMAGE pruned|doubtful
 *   payload BYTES                max_payload of the server; not known at first
 *   connect | disconnect | overflow
 *   see                          connect, survey answered by the hosts told before,
 *                                both buckets listed with the links and configs told
 *                                before: the lattice is in sight
 *   host H [ID=IMAGE*COUNT[@APP] | ID=IMAGE[@APP]]...    an inventory: a component has
 *                                                        a count, a provider has none;
 *                                                        +KEY=VALUE is a label, in order
 *   beat H ...                   the same as a heartbeat
 *   late H ...                   a heartbeat of ten minutes before
 *   young H                      an inventory of a host that has just started
 *   pinged H | stopped H | changed H
 *   failed H ID TEXT... | failed-of IMAGE H ID TEXT...
 *   healthy H ID | unhealthy H ID
 *   links SOURCE [TARGET=NS:PKG/IFACE[,IFACE][;NAME[;SOURCECFG[;TARGETCFG]]]]...
 *   heard [SOURCE>TARGET=...]...  the answer to ask-links, which is in flight; as links
 *   config NAME [CONTENT]        without: it is deleted
 *   number N                     entries told from here on are numbered from N on
 *   listing links|configs  listed links|configs [MADE AGE_MS SEQUENCE]
 *   lost links|configs TEXT...   for a while; missing: it does not exist; denied: to us
 *   accept WORD... | refuse WORD... ; TEXT | nobody WORD... | mute WORD... | unsent
 *                                the command in flight whose print begins with WORD...
 *   accept-all                   all commands in flight, oldest first
 *   unsaved
 *   wait MS                      let time pass, stepping at every deadline
 *   status APP | lattice         print it
 *   explain KEY                  print all that it may mean, or what is near it
 *   converged                    print whether the engine is
 *   settled                      print whether it has looked, is idle, has to ask first
 *   memory                       print what of the lattice is to be remembered
 *   retire                       it sends nothing from here on
 *   repeat COUNT LINE            LINE, with a number from 1 on instead of its '#'
 *   hush                         commands are not printed from here on
 *   quiet | loud                 questions are not printed | are; quiet at first
 *   ledger                       ledger changes are printed from here on
 *   hosts                        hosts that come and go are printed from here on
 */
#ifndef TEST_SUPPORT_SCRIPT_H
#define TEST_SUPPORT_SCRIPT_H

#include "manifest/text.h"

/* Run the script in text and append what it prints. */
void script_run(const char *text, struct text *output);

#endif
