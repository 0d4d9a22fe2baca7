#include "reconciler/run/certificates.h"

#include <unistd.h>

static enum err_code check_file(const char *option, const char *file, struct err *err)
{
    if (file == NULL || access(file, R_OK) == 0) {
        return ERR_OK;
    }
    return err_set(err, ERR_USAGE,
                   "--%s: the file '%s' cannot be read: is it there, and may this user "
                   "read it?",
                   option, file);
}

enum err_code certificates_set(const struct connection *given, natsOptions *options,
                               struct err *err)
{
    enum err_code code = check_file("tls-ca", given->authority, err);

    if ((given->certificate == NULL) != (given->key == NULL)) {
        return err_set(err, ERR_USAGE, "--tls-cert and --tls-key go together");
    }
    code = code == ERR_OK ? check_file("tls-cert", given->certificate, err) : code;
    code = code == ERR_OK ? check_file("tls-key", given->key, err) : code;
    if (code != ERR_OK) {
        return code;
    }
    if (given->authority != NULL &&
        natsOptions_LoadCATrustedCertificates(options, given->authority) != NATS_OK) {
        return err_set(err, ERR_USAGE, "--tls-ca: '%s' has no certificate in PEM",
                       given->authority);
    }
    if (given->key != NULL && natsOptions_LoadCertificatesChain(
                                  options, given->certificate, given->key) != NATS_OK) {
        return err_set(err, ERR_USAGE,
                       "'%s' and '%s' are not a certificate and its key, both in PEM",
                       given->certificate, given->key);
    }
    return ERR_OK;
}
