package org.merlinmq.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.Broker;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.identity.BrokerRole;
import org.merlinmq.broker.migrate.DeletedTopicFilter;
import org.merlinmq.broker.migrate.RocketMqState;
import org.merlinmq.broker.registry.NameserverClient;
import org.merlinmq.broker.registry.RemoteNameserverClient;
import org.merlinmq.broker.replicate.SlaveCopies;
import org.merlinmq.broker.schedule.DelayedRecords;
import org.merlinmq.broker.transaction.HalfRecords;
import org.merlinmq.console.Console;
import org.merlinmq.console.ConsoleConfig;
import org.merlinmq.console.JvmMetrics;
import org.merlinmq.console.MetricsSource;
import org.merlinmq.console.ServerSummary;
import org.merlinmq.nameserver.DamagedFileException;
import org.merlinmq.nameserver.Nameserver;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.replication.apache.ApacheMaster;
import org.merlinmq.replication.apache.StreamTiming;
import org.merlinmq.replication.member.GroupAcceptor;
import org.merlinmq.replication.member.Member;
import org.merlinmq.replication.member.MemberFile;
import org.merlinmq.replication.member.MemberSetup;
import org.merlinmq.replication.member.SharedSecret;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.Role;
import org.merlinmq.server.config.Settings;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.storage.log.WriteState;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.CallsConfig;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.ListenerConfig;
import org.merlinmq.transport.tls.TlsFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the services of one process in order, and stops them in reverse order.
 *
 * <p>Threading: started and closed by one thread each.
 */
final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final Config config;

    /** The same with what administrators have changed since. */
    private volatile Config current;

    private final DataFolder folder;
    private final Ports ports;
    private final Clock clock;
    private final Deque<Service> services = new ArrayDeque<>();
    private final Map<String, String> addresses = new LinkedHashMap<>();
    private final Map<String, String> remarks = new HashMap<>();
    private final List<String> warnings = new ArrayList<>();

    private Node(Config config, DataFolder folder, Clock clock) {
        this.config = config;
        this.current = config;
        this.folder = folder;
        this.clock = clock;
        this.ports = new Ports(config);
    }

    /** A started service, and how to stop it. */
    private record Service(String name, AutoCloseable stop) {}

    /** Starts all services. In the clock's zone are the hours of deletion, and the days that statistics count. */
    static Node start(Config config, DataFolder folder, Clock clock) throws StartRefusal {
        Node node = new Node(config, folder, clock);
        boolean started = false;
        try {
            node.startAll();
            started = true;
            return node;
        } catch (DiskException | DamagedFileException refused) {
            throw StartRefusal.failed(String.valueOf(refused.getMessage()));
        } finally {
            if (!started) {
                node.close();
            }
        }
    }

    /** Where clients and operators find this process: {@code nameserver}, {@code broker}, {@code console}. */
    Map<String, String> addresses() {
        return addresses;
    }

    /** What an operator should know of an address: why it is not the usual one. By the names of {@link #addresses}. */
    Map<String, String> remarks() {
        return remarks;
    }

    /** What the operator should look at although it started, one sentence each. */
    List<String> warnings() {
        return warnings;
    }

    private void startAll() throws StartRefusal {
        if (config.role() == Role.NAMESERVER) {
            startNameserver(started("event loops", EventLoops.start(ConfigMapping.loops(config))));
            return;
        }
        FolderIdentity.Claim claim =
                FolderIdentity.claim(new RealDisk(), folder.path(), config, ConfigMapping::hostName, UUID::randomUUID);
        if (config.isSet(Settings.COMMIT_LOG)) {
            Path log = ConfigMapping.storage(config, folder.path()).commitLogFolder();
            folder.lockLog(log, config.described(Settings.COMMIT_LOG));
        }
        if (config.isSet(Settings.MEMBERS)) {
            startMember(claim);
            return;
        }
        if (config.value(Settings.BROKER_ROLE) == BrokerRole.SLAVE) {
            startSlave(claim);
            return;
        }
        // A store takes as long to open as all the rest takes to start, so that goes on meanwhile.
        FutureTask<Storage> opening = new FutureTask<>(this::openStorage);
        Thread.ofPlatform().name("store-open").start(opening);
        boolean taken = false;
        try {
            EventLoops loops = started("event loops", EventLoops.start(ConfigMapping.loops(config)));
            Nameserver nameserver = config.role() == Role.BROKER ? null : startNameserver(loops);
            BrokerIdentity planned = ConfigMapping.identity(config, claim.identity(), ports.broker());
            ServerSocketChannel slaves = started("replication port", replicationPort(planned.haPort()));
            BrokerIdentity identity = planned.withHaPort(slaves.socket().getLocalPort());
            List<NameserverClient> nameservers = nameservers(loops, nameserver, identity);
            claim.keep(new RealDisk(), folder.path());
            Storage storage = started("storage", result(opening));
            taken = true;
            // Before the broker makes batches, which wait for slaves from then on.
            SlaveCopies copies = new SlaveCopies(storage.copies(), ConfigMapping.copies(config), storage::maxLogOffset);
            Broker broker = makeBroker(loops, nameservers, storage, identity, settings(identity));
            // Ends after the broker: what that appends at its end goes to slaves, too.
            ApacheMaster served =
                    started("replication", ApacheMaster.serve(slaves, storage, ConfigMapping.stream(config), copies));
            broker.showSlaves(served::slaves);
            if (config.value(Settings.SLAVE_READS)) {
                broker.pointToSlaves(() -> copies.inSync() > 0);
            }
            start(broker, identity.port(), listeners -> broker.start(listeners, rocketMqConfig()));
            if (config.value(Settings.CONSOLE)) {
                startConsole(identity, storage, broker);
            }
        } finally {
            if (!taken) {
                closeUnused(opening);
            }
        }
    }

    /** In order: where the store of a slave begins, its master says. */
    private void startSlave(FolderIdentity.Claim claim) throws StartRefusal {
        EventLoops loops = started("event loops", EventLoops.start(ConfigMapping.loops(config)));
        Nameserver nameserver = config.role() == Role.BROKER ? null : startNameserver(loops);
        BrokerIdentity identity = ConfigMapping.identity(config, claim.identity(), ports.broker());
        List<NameserverClient> nameservers = nameservers(loops, nameserver, identity);
        String master = config.isSet(Settings.MASTER) ? config.valueOr(Settings.MASTER, () -> "") : null;
        Calls calls = started("calls to the master", Calls.open(loops, CallsConfig.defaults()));
        StorageConfig kept = ConfigMapping.storage(config, folder.path());
        new CopyBeginning(identity, nameservers, calls, master, clock, kept.segmentBytes()).make(kept);
        claim.keep(new RealDisk(), folder.path());
        Storage storage = started("storage", openStorage());
        Broker broker = makeBroker(loops, nameservers, storage, identity, settings(identity));
        if (config.value(Settings.SLAVE_READS)) {
            broker.pointToSlaves(() -> true);
        }
        start(
                broker,
                identity.port(),
                listeners -> broker.startAsSlave(listeners, calls, master, StreamTiming.defaults()));
        if (config.value(Settings.CONSOLE)) {
            startConsole(identity, storage, broker);
        }
    }

    /** A broker whose role its group decides: the property file says only who begins. */
    private void startMember(FolderIdentity.Claim claim) throws StartRefusal {
        SharedSecret secret = MemberFiles.secret(config);
        TlsFiles tls = MemberFiles.tls(config);
        EventLoops loops = started("event loops", EventLoops.start(ConfigMapping.loops(config)));
        Nameserver nameserver = config.role() == Role.BROKER ? null : startNameserver(loops);
        BrokerIdentity planned = ConfigMapping.identity(config, claim.identity(), ports.broker());
        ServerSocketChannel others = started("replication port", replicationPort(planned.haPort()));
        BrokerIdentity identity = planned.withHaPort(others.socket().getLocalPort());
        List<NameserverClient> nameservers = nameservers(loops, nameserver, identity);
        Calls calls = started("calls to the leader", Calls.open(loops, CallsConfig.defaults()));
        List<ListenerConfig> listeners = brokerListeners(identity.port());
        warnOfOtherPort(identity.haPort());
        claim.keep(new RealDisk(), folder.path());
        StorageConfig kept = ConfigMapping.storage(config, folder.path());
        SettingsView settings = settings(identity);
        GroupBroker group = started(
                "broker",
                new GroupBroker(
                        kept,
                        StoreEnvironment.of(new RealDisk(), clock),
                        this::openStorage,
                        ConfigMapping.copies(config),
                        (storage, lead, slaveThere) -> {
                            BrokerIdentity inRole = ConfigMapping.inRole(config, identity, lead);
                            Broker broker = makeBroker(loops, nameservers, storage, inRole, settings);
                            if (current.value(Settings.SLAVE_READS)) {
                                broker.pointToSlaves(slaveThere);
                            }
                            return startInRole(broker, listeners, lead != null, calls);
                        }));
        MemberSetup setup = new MemberSetup(
                ConfigMapping.replication(config, group.storage().segmentBytes()),
                config.value(Settings.BROKER_ROLE).isMaster(),
                new SecureRandom().nextLong() | 1,
                MemberFile.currentBoot(),
                ConfigMapping.members(config)::get,
                secret,
                tls);
        Member member = new Member(setup, group, group);
        try {
            group.start(member, setup.settings());
        } catch (UncheckedIOException refused) {
            throw ports.brokerRefusal(identity.port(), refused);
        }
        addresses.put("broker", shown(identity.port()));
        started("replication", serveMembers(others, member));
        if (config.value(Settings.CONSOLE)) {
            startConsole(identity, group);
        }
    }

    /** Behind a mapping of ports it may be right. */
    private void warnOfOtherPort(int port) {
        String own = ConfigMapping.members(config).getOrDefault(config.value(Settings.BROKER_ID), "");
        if (!own.endsWith(":" + port)) {
            warn("other members look for this broker's log at " + own + " (" + Settings.MEMBERS.name()
                    + "), and it listens on port " + port + "; set haListenPort to the same port");
        }
    }

    private Broker startInRole(Broker broker, List<ListenerConfig> listeners, boolean leads, Calls calls) {
        boolean running = false;
        try {
            if (leads) {
                broker.start(listeners, rocketMqConfig());
            } else {
                broker.startAsFollower(listeners, calls);
            }
            running = true;
            return broker;
        } finally {
            if (!running) {
                broker.close();
            }
        }
    }

    private static GroupAcceptor serveMembers(ServerSocketChannel port, Member member) throws StartRefusal {
        try {
            return GroupAcceptor.serve(port, member::take, Node::turnAway);
        } catch (IOException failed) {
            throw StartRefusal.failed("the replication port cannot be served: " + failed.getMessage());
        }
    }

    /** A slave of RocketMQ's would need a store that is never replaced. */
    private static void turnAway(SocketChannel slave, ByteBuffer first) {
        LOG.warn("slave-refused cause=\"this broker replicates with the members in broker.members alone\"");
        try {
            slave.close();
        } catch (IOException e) {
            LOG.debug("slave-not-closed cause=\"{}\"", e.getMessage());
        }
    }

    /** The port for slaves. They find it through nameservers: unless it was chosen, any free one will do. */
    private ServerSocketChannel replicationPort(int port) throws StartRefusal {
        try {
            return ApacheMaster.bind(ports.address(port));
        } catch (IOException refused) {
            if (config.value(Settings.HA_PORT) != 0 || !Ports.isTaken(refused)) {
                throw replicationRefusal(port, refused);
            }
            return anyReplicationPort(port);
        }
    }

    private ServerSocketChannel anyReplicationPort(int taken) throws StartRefusal {
        try {
            ServerSocketChannel free = ApacheMaster.bind(ports.address(0));
            LOG.warn(
                    "replication-port-taken port={} instead={} effect=\"slaves that name their master's port do not find it,"
                            + " those that ask nameservers do\" cure=\"choose one with broker.ha-port (haListenPort)\"",
                    taken,
                    free.socket().getLocalPort());
            return free;
        } catch (IOException refused) {
            throw replicationRefusal(0, refused);
        }
    }

    private StartRefusal replicationRefusal(int port, IOException cause) {
        return ports.refusal("replication", port, Settings.HA_PORT, "--set " + Settings.HA_PORT.name() + "=…", cause);
    }

    private static Storage result(FutureTask<Storage> opening) throws StartRefusal {
        try {
            return opening.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw StartRefusal.failed("the start was interrupted");
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalStateException("opening the store failed", cause);
        }
    }

    /** After a refusal of something else: the store is closed, if it could be opened at all. */
    private static void closeUnused(FutureTask<Storage> opening) {
        try {
            opening.get().close();
        } catch (ExecutionException failed) {
            LOG.debug("store-not-opened", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Nameserver startNameserver(EventLoops loops) throws StartRefusal {
        int port = config.value(Settings.NAMESERVER_PORT);
        InetSocketAddress address = ports.address(port);
        try {
            Nameserver nameserver = started(
                    "nameserver",
                    Nameserver.start(ConfigMapping.nameserver(config, address, folder.path()), loops, clock));
            addresses.put("nameserver", shown(nameserver.address().getPort()));
            return nameserver;
        } catch (UncheckedIOException refused) {
            throw ports.refusal("nameserver", port, Settings.NAMESERVER_PORT, "--namesrv-port", refused);
        }
    }

    private Storage openStorage() {
        return openStorage(StoreEnvironment.of(new RealDisk(), clock));
    }

    private Storage openStorage(StoreEnvironment environment) {
        StorageConfig kept = ConfigMapping.storage(current, folder.path());
        DelayedRecords records = new DelayedRecords(
                ConfigMapping.delayLevels(config),
                RocketMqState.of(rocketMqConfig()).delayProgress(clock.millis()));
        int checkAfterMillis = (int) config.value(Settings.TRANSACTION_TIMEOUT).toMillis();
        HalfRecords halves = new HalfRecords(
                () -> checkAfterMillis, RocketMqState.of(rocketMqConfig()).halvesDone(), records);
        DeletedTopicFilter indexer = DeletedTopicFilter.read(folder.path().resolve("consumequeue"), halves);
        RecoveryProgress progress = new RecoveryProgress(System.out);
        return Storage.open(kept, environment, indexer, progress);
    }

    /** Where RocketMQ kept its tables, if this folder was its store. */
    private Path rocketMqConfig() {
        return folder.path().resolve("config");
    }

    private SettingsView settings(BrokerIdentity identity) {
        return new SettingsView(config, ConfigMapping.workedOut(identity), clock::millis);
    }

    /** With the settings as they are now: a member of a group changes its role while it runs, and they may have changed before. */
    private Broker makeBroker(
            EventLoops loops,
            List<NameserverClient> nameservers,
            Storage storage,
            BrokerIdentity identity,
            SettingsView settings) {
        FolderSpace space = new FolderSpace(folder.path());
        Broker broker = new Broker(
                ConfigMapping.broker(current, identity),
                new Broker.BrokerResources(storage, loops, nameservers, settings, space, clock));
        settings.onChange(next -> {
            current = next;
            StorageConfig kept = ConfigMapping.storage(next, folder.path());
            broker.reconfigure(ConfigMapping.broker(next, identity));
            storage.retain(kept);
        });
        return broker;
    }

    private void start(Broker broker, int port, Consumer<List<ListenerConfig>> how) throws StartRefusal {
        try {
            how.accept(brokerListeners(port));
        } catch (UncheckedIOException refused) {
            throw ports.brokerRefusal(port, refused);
        }
        started("broker", broker);
        addresses.put("broker", shown(port));
    }

    /** The nameservers to register with, once they were asked whether this broker may start beside those that they know. */
    private List<NameserverClient> nameservers(
            EventLoops loops, @Nullable Nameserver nameserver, BrokerIdentity identity) throws StartRefusal {
        List<NameserverClient> clients = new ArrayList<>();
        if (nameserver != null) {
            clients.add(new InProcessNameserverClient(nameserver.registrar()));
        }
        List<String> others = config.valueOr(Settings.NAMESERVERS, List::of);
        if (!others.isEmpty()) {
            Calls calls =
                    started("calls", Calls.open(loops, CallsConfig.defaults(), loop -> (connection, frame) -> {}));
            // Who of a group's members is the master the nameservers do not know in time.
            if (!config.isSet(Settings.MEMBERS)) {
                new StartChecks(calls, config, identity).run().forEach(this::warn);
            }
            others.forEach(address -> clients.add(new RemoteNameserverClient(calls, address)));
        }
        if (clients.isEmpty()) {
            LOG.warn("no-nameserver effect=\"clients do not find this broker\" cure=\"name one with broker.nameservers"
                    + " (namesrvAddr, -n)\"");
        }
        return clients;
    }

    private void warn(String sentence) {
        warnings.add(sentence);
        LOG.warn("start-warning {}", sentence);
    }

    private List<ListenerConfig> brokerListeners(int port) throws StartRefusal {
        List<ListenerConfig> listeners = new ArrayList<>();
        listeners.add(ConfigMapping.listener(config, ports.address(port)));
        if (config.value(Settings.VIP_PORT) && port > Settings.VIP_DISTANCE) {
            listeners.add(ConfigMapping.listener(config, ports.address(port - Settings.VIP_DISTANCE)));
        }
        return listeners;
    }

    /** The console's port is not one that users of RocketMQ reckon with: unless it was chosen, any free one will do. */
    private void startConsole(BrokerIdentity identity, Storage storage, Broker broker) throws StartRefusal {
        startConsole(identity, () -> storage, out -> {
            new BrokerMetrics(identity, storage, broker).collect(out);
            new ConnectionMetrics(identity, broker).collect(out);
            new ReplicationMetrics(identity, broker.replication()).collect(out);
        });
    }

    /** While a member changes its role there are the figures of its replication alone. */
    private void startConsole(BrokerIdentity identity, GroupBroker group) throws StartRefusal {
        startConsole(identity, group::storage, out -> {
            Broker broker = group.broker();
            if (broker != null) {
                new BrokerMetrics(identity, group.storage(), broker).collect(out);
                new ConnectionMetrics(identity, broker).collect(out);
            }
            new ReplicationMetrics(identity, group).collect(out);
        });
    }

    private void startConsole(BrokerIdentity identity, Supplier<Storage> storage, MetricsSource metrics)
            throws StartRefusal {
        int port = config.value(Settings.CONSOLE_PORT);
        try {
            startConsole(port, identity, storage, metrics);
        } catch (IOException refused) {
            if (config.isSet(Settings.CONSOLE_PORT) || !Ports.isTaken(refused)) {
                throw ports.refusal("console", port, Settings.CONSOLE_PORT, "--console-port", refused);
            }
            startConsoleAnywhere(port, identity, storage, metrics);
        }
    }

    private void startConsoleAnywhere(
            int taken, BrokerIdentity identity, Supplier<Storage> storage, MetricsSource metrics) throws StartRefusal {
        try {
            startConsole(0, identity, storage, metrics);
            remarks.put("console", "port " + taken + " is in use; choose one with --console-port");
        } catch (IOException refused) {
            throw ports.refusal("console", 0, Settings.CONSOLE_PORT, "--console-port", refused);
        }
    }

    private void startConsole(int port, BrokerIdentity identity, Supplier<Storage> storage, MetricsSource metrics)
            throws IOException {
        ServerSummary facts = new ServerSummary(
                Version.text(),
                identity.clusterName(),
                identity.brokerName(),
                addresses.getOrDefault("nameserver", String.join(";", config.valueOr(Settings.NAMESERVERS, List::of))),
                shown(identity.port()),
                folder.path().toString());
        Console console = started(
                "console",
                Console.start(
                        ConsoleConfig.on(config.value(Settings.BIND), port),
                        facts,
                        () -> {
                            WriteState state = storage.get().writeState();
                            return state.writable() ? null : state.sentence();
                        },
                        List.of(metrics, new JvmMetrics())));
        addresses.put("console", "http://" + shown(console.port()) + "/");
    }

    /** The address that an operator on this machine can use. */
    private String shown(int port) {
        String bind = config.value(Settings.BIND);
        return (bind.equals("0.0.0.0") || bind.equals("::") ? "127.0.0.1" : bind) + ":" + port;
    }

    private <T extends AutoCloseable> T started(String name, T part) {
        services.push(new Service(name, part));
        return part;
    }

    /** Stops everything in reverse order; one part's failure does not keep the others from stopping. */
    @Override
    public void close() {
        while (!services.isEmpty()) {
            Service service = services.pop();
            try {
                service.stop().close();
            } catch (Exception failed) { // a part that fails to stop must not keep the rest from stopping
                LOG.error("stop-failed part={}", service.name(), failed);
            }
        }
    }
}
