package org.merlinmq.server.config;

import java.util.regex.Pattern;

/**
 * The variables that Kubernetes puts into every container for each service of the namespace: those of a service called
 * {@code merlin} or {@code merlin-broker} begin like ours and are no settings.
 *
 * <p>Format, for the service {@code merlin-x}: {@code MERLIN_X_SERVICE_HOST}, {@code MERLIN_X_SERVICE_PORT},
 * {@code MERLIN_X_SERVICE_PORT_NAME}, {@code MERLIN_X_PORT=tcp://ADDRESS:PORT}, {@code MERLIN_X_PORT_10911_TCP} and that
 * with {@code _PROTO}, {@code _PORT} or {@code _ADDR}. Source: the Kubernetes documentation, "Connecting Applications
 * with Services", and Docker's links, whose form it keeps.
 */
final class KubernetesVariables {
    private static final Pattern NAME = Pattern.compile(
            "MERLIN_(\\w+_)?(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");
    private static final Pattern LINK = Pattern.compile("(tcp|udp|sctp)://\\S+:\\d+");

    private KubernetesVariables() {}

    /** Whether the variable is one of them; {@code MERLIN_BROKER_PORT} is distinguished from ours by its value. */
    static boolean has(String name, String value) {
        return NAME.matcher(name).matches()
                || (name.endsWith("_PORT") && LINK.matcher(value).matches());
    }
}
