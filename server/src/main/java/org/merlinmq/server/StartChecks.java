package org.merlinmq.server;

import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.ClusterTable;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.Setting;
import org.merlinmq.server.config.Settings;
import org.merlinmq.transport.CallFailedException;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.Connection;

/**
 * Looks, before a broker listens and registers, whether its nameservers answer, whether another broker that runs has its
 * name and id, and whether others could reach the address that it is going to register.
 *
 * <p>Threading: the thread that starts, which waits for {@link Settings#START_CHECK} at most for all nameservers, and as
 * long again where one of them knows another broker of this name and id.
 */
final class StartChecks {
    private final Calls calls;
    private final Config config;
    private final BrokerIdentity identity;
    private final Duration patience;
    private final List<String> warnings = new ArrayList<>();

    /** {@code calls} is where the questions go out, {@code identity} the broker that is to start. */
    StartChecks(Calls calls, Config config, BrokerIdentity identity) {
        this.calls = calls;
        this.config = config;
        this.identity = identity;
        this.patience = config.value(Settings.START_CHECK);
    }

    /** A question's outcome: a frame, or why there is none. */
    private record Answer(@Nullable Frame frame, @Nullable String failure) {}

    /**
     * Asks all nameservers of the settings.
     *
     * @return what the operator should know, one sentence each
     * @throws StartRefusal if a broker with this name and id runs at another address
     */
    List<String> run() throws StartRefusal {
        if (patience.isZero()) {
            return List.of();
        }
        Map<String, CompletableFuture<Answer>> asked = new LinkedHashMap<>();
        for (String nameserver : config.valueOr(Settings.NAMESERVERS, List::of)) {
            asked.put(nameserver, ask(nameserver, RequestCode.GET_BROKER_CLUSTER_INFO));
        }
        try {
            for (Map.Entry<String, CompletableFuture<Answer>> each : asked.entrySet()) {
                lookAt(each.getKey(), calls.await(each.getValue()));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw StartRefusal.failed("the start was interrupted");
        }
        return List.copyOf(warnings);
    }

    private CompletableFuture<Answer> ask(String address, RequestCode code) {
        CompletableFuture<Frame> asked;
        try {
            asked = calls.call(address, Frame.request(code, null), patience);
        } catch (IllegalArgumentException noAddress) {
            asked = CompletableFuture.failedFuture(noAddress);
        }
        return asked.handle((frame, failed) -> new Answer(frame, failed == null ? null : cause(failed)))
                .completeOnTimeout(
                        new Answer(null, "no answer within " + patience.toMillis() + " ms"),
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static String cause(Throwable failed) {
        Throwable cause =
                failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
        return String.valueOf(cause.getMessage());
    }

    private String notReached(String nameserver, @Nullable String why) {
        return "the nameserver " + nameserver + " is not reached (" + why
                + "): the broker starts without it and tries again every 3 s, and clients of that nameserver do not find it"
                + " meanwhile; see that it runs, and that " + config.described(Settings.NAMESERVERS) + " names it";
    }

    private void lookAt(String nameserver, Answer answer) throws StartRefusal, InterruptedException {
        if (answer.frame == null) {
            warnings.add(notReached(nameserver, answer.failure));
            return;
        }
        InetAddress local = null;
        try {
            Connection connection = calls.await(calls.connection(nameserver));
            local = connection.local().getAddress();
            warnIfUnreachable(nameserver, local, connection.remote().getAddress());
        } catch (CallFailedException closedSince) {
            warnings.add(notReached(nameserver, closedSince.getMessage()));
        }
        String other = answer.frame.isOk() ? registered(answer.frame) : null;
        if (other != null && !isOurs(other, local)) {
            mustNotRun(nameserver, other);
        }
    }

    private void warnIfUnreachable(String nameserver, @Nullable InetAddress local, @Nullable InetAddress remote) {
        if (local != null && remote != null) {
            int containerBits = isInContainer() ? prefixBits(local) : 0;
            String warning = unreachable(config, identity, nameserver, local, remote, containerBits);
            if (warning != null) {
                warnings.add(warning);
            }
        }
    }

    /** Where a nameserver has a broker of our name and id; null if it has none. */
    private @Nullable String registered(Frame answer) {
        try {
            BrokerAddresses group =
                    ClusterTable.read(answer.body()).brokerAddrTable().get(identity.brokerName());
            return group == null ? null : group.brokerAddrs().get(identity.brokerId());
        } catch (JsonException unreadable) {
            warnings.add("the answer of a nameserver cannot be read (" + unreadable.getMessage() + ")");
            return null;
        }
    }

    private boolean isOurs(String address, @Nullable InetAddress local) {
        return address.equals(identity.address())
                || (identity.automaticHost()
                        && local != null
                        && address.equals(identity.withHost(local).address()));
    }

    private void mustNotRun(String nameserver, String other) throws StartRefusal, InterruptedException {
        Answer answer = calls.await(ask(other, RequestCode.GET_BROKER_CONFIG));
        calls.disconnect(other, "it was asked who it is");
        String name = config.isSet(Settings.BROKER_NAME)
                ? config.described(Settings.BROKER_NAME)
                : "brokerName=" + identity.brokerName() + " (not set: the data folder's)";
        String who = name + " and " + config.described(Settings.BROKER_ID);
        if (answer.frame == null) {
            warnings.add("the nameserver " + nameserver + " has another broker for " + who + ", at " + other
                    + ", which does not answer: this one takes its place there; if both are meant to run, give each a"
                    + " brokerName or brokerId of its own");
        } else if (isTwin(answer.frame)) {
            throw StartRefusal.failed(who + " are those of a broker that runs at " + other + ", as the nameserver "
                    + nameserver
                    + " knows: two would take each other's place there, and clients would lose messages of one;"
                    + " start this one with its own file (a slave has brokerRole=SLAVE and a brokerId of its own, another"
                    + " master a brokerName of its own), or stop the other one first");
        }
    }

    /** Whether it is a broker of our name and id; one that keeps its settings to itself is taken for one. */
    private boolean isTwin(Frame answer) {
        if (!answer.isOk()) {
            return true;
        }
        try {
            Map<String, String> settings = PropertiesText.read(answer.body());
            return identity.brokerName().equals(settings.getOrDefault("brokerName", identity.brokerName()))
                    && String.valueOf(identity.brokerId())
                            .equals(settings.getOrDefault("brokerId", String.valueOf(identity.brokerId())));
        } catch (JsonException unreadable) {
            return true;
        }
    }

    /**
     * Why clients that a nameserver serves could not reach the broker at the address that it registers there.
     *
     * @param local the address by which this machine reaches the nameserver
     * @param remote the nameserver's
     * @param containerBits in a container: the length of the prefix of its network; 0 elsewhere
     * @return one sentence, or null
     */
    static @Nullable String unreachable(
            Config config,
            BrokerIdentity identity,
            String nameserver,
            InetAddress local,
            InetAddress remote,
            int containerBits) {
        if (remote.isLoopbackAddress()) {
            return null;
        }
        String clients = "clients that ask the nameserver " + nameserver + " cannot reach this broker: ";
        if (!identity.automaticHost() && identity.host().isLoopbackAddress()) {
            return clients + loopback(config, Settings.HOST, identity.host());
        }
        InetAddress copies = identity.haHost();
        if (copies != null && copies.isLoopbackAddress()) {
            return "slaves that ask the nameserver " + nameserver + " cannot reach this broker: "
                    + loopback(config, Settings.HA_ADDRESS, copies);
        }
        if (isLoopback(config.value(Settings.BIND))) {
            return clients + config.described(Settings.BIND)
                    + " listens for this machine alone; set an address that others" + " reach, or leave it out";
        }
        if (containerBits > 0 && identity.automaticHost() && !inOneNetwork(local, remote, containerBits)) {
            return "clients outside of this container may not reach this broker: it registers at the nameserver "
                    + nameserver
                    + " with the container's own address, "
                    + identity.withHost(local).address()
                    + "; set brokerIP1 (--host) to the address of the machine, and publish the port under its own number";
        }
        return null;
    }

    private static String loopback(Config config, Setting<?> setting, InetAddress address) {
        return config.described(setting) + " is " + address.getHostAddress()
                + ", by which each machine reaches only itself; set the address that others reach this one by";
    }

    private static boolean isLoopback(String bind) {
        return bind.startsWith("127.") || bind.equals("localhost") || bind.equals("::1") || bind.equals("[::1]");
    }

    /** Whether two addresses begin with the same bits. */
    private static boolean inOneNetwork(InetAddress one, InetAddress other, int bits) {
        byte[] a = one.getAddress();
        byte[] b = other.getAddress();
        if (a.length != b.length) {
            return false;
        }
        for (int bit = 0; bit < Math.min(bits, 8 * a.length); bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    /** In Kubernetes the address of a pod is one that all others reach. */
    private static boolean isInContainer() {
        return System.getenv("KUBERNETES_SERVICE_HOST") == null
                && (Files.exists(Path.of("/.dockerenv")) || Files.exists(Path.of("/run/.containerenv")));
    }

    private static int prefixBits(InetAddress local) {
        try {
            NetworkInterface card = NetworkInterface.getByInetAddress(local);
            List<InterfaceAddress> addresses = card == null ? List.of() : card.getInterfaceAddresses();
            return addresses.stream()
                    .filter(each -> local.equals(each.getAddress()))
                    .mapToInt(InterfaceAddress::getNetworkPrefixLength)
                    .findFirst()
                    .orElse(0);
        } catch (SocketException unreadable) {
            return 0; // it cannot be said whether others are in this network, and nothing is warned about
        }
    }
}
