/*
 * support_vfs.h - a disk that fails when it is told to.
 *
 * It stands between SQLite and the real files and counts the calls that change
 * something: write, sync, truncate, open, delete.  A write that fails has written half;
 * one that would make its file longer finds the disk full.  No sync takes its time: the
 * real disk is told nothing.
 */
#ifndef TEST_SUPPORT_VFS_H
#define TEST_SUPPORT_VFS_H

#include <stdbool.h>

/*
 * From one call that is to fail to the next that is tried.  Sanitizers make each three
 * times as slow and watch the ways out of a function, which many calls share.
 */
#ifdef __SANITIZE_ADDRESS__
#define VFS_CALLS_STEP 7
#else
#define VFS_CALLS_STEP 1
#endif

/* Until vfs_remove every database opened goes through it; no calls fail yet. */
void vfs_install(void);
void vfs_remove(void);

/* From now on the n-th call fails, counted from 1, and those after it too if is_dead. */
void vfs_fail_at(long n, bool is_dead);

/* No call fails any more.  Returns whether one did. */
bool vfs_heal(void);

/* The power is cut: what was written and not synced is gone.  All files are closed. */
void vfs_lose_unsynced(void);

#endif
