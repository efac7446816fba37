package org.merlinmq.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.BrokerConfig;
import org.merlinmq.broker.BrokerConfig.GroupConfig;
import org.merlinmq.broker.dedup.DedupConfig;
import org.merlinmq.broker.filter.sql.SqlLimits;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.identity.BrokerRole;
import org.merlinmq.broker.limit.LimitConfig;
import org.merlinmq.broker.pull.PullConfig;
import org.merlinmq.broker.registry.RegistrationConfig;
import org.merlinmq.broker.replicate.CopyConfig;
import org.merlinmq.broker.schedule.DelayLevels;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.send.SendConfig;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.transaction.TransactionConfig;
import org.merlinmq.nameserver.NameserverConfig;
import org.merlinmq.nameserver.NameserverSettings;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.replication.apache.StreamTiming;
import org.merlinmq.replication.core.ReplicationSettings;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.Setting;
import org.merlinmq.server.config.Settings;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.SetAsideLimits;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.transport.ConnectionLimits;
import org.merlinmq.transport.EventLoopsConfig;
import org.merlinmq.transport.ListenerConfig;

/** Maps the settings to the configuration record of each module. */
final class ConfigMapping {
    /** Where a small call to a nameserver gives up, and how long a change of topics waits for slow ones. */
    private static final RegistrationConfig REGISTRATION = RegistrationConfig.defaults();

    private static final int REVIVE_QUEUES = 8;

    private static final int BYTES_OF_HEAP_PER_ENTRY = 256;

    /** An open transaction takes 31 to 47 bytes of it. */
    private static final int BYTES_OF_HEAP_PER_TRANSACTION = 128;

    private static final int MOST_OPEN_TRANSACTIONS = 5_000_000;

    private ConfigMapping() {}

    static EventLoopsConfig loops(Config config) {
        EventLoopsConfig fitting = EventLoopsConfig.defaults();
        int loops = config.value(Settings.LOOPS);
        return loops == 0 ? fitting : new EventLoopsConfig(loops, fitting.maxInFlightBytes(), fitting.threadName());
    }

    static ListenerConfig listener(Config config, InetSocketAddress address) {
        return ListenerConfig.on(address)
                .withMaxConnections(config.value(Settings.MAX_CONNECTIONS))
                .withLimits(ConnectionLimits.defaults().withIdle(config.value(Settings.IDLE)));
    }

    static NameserverConfig nameserver(Config config, InetSocketAddress address, Path data) {
        NameserverConfig fitting = NameserverConfig.on(address, data.resolve("nameserver"));
        return fitting.withListener(listener(config, address))
                .withTable(config.valueOr(Settings.NAMESERVER_TABLE, fitting::table)
                        .toAbsolutePath())
                .withScanInterval(config.value(Settings.NAMESERVER_SCAN))
                .withSettings(new NameserverSettings(
                        config.value(Settings.NAMESERVER_ORDER),
                        config.value(Settings.NAMESERVER_RETURN_ORDER),
                        config.value(Settings.NAMESERVER_DELETE_TOPICS),
                        config.value(Settings.NAMESERVER_LIST_ALL),
                        config.value(Settings.NAMESERVER_LIST)));
    }

    static StorageConfig storage(Config config, Path data) {
        StorageConfig fitting = StorageConfig.defaults(data);
        long segment = config.value(Settings.SEGMENT);
        return new StorageConfig(
                data,
                config.valueOr(Settings.COMMIT_LOG, fitting::commitLogFolder).toAbsolutePath(),
                segment,
                (int) Math.min(segment - 8, recordBytes(config)),
                config.value(Settings.FLUSH),
                config.value(Settings.FLUSH_INTERVAL),
                config.value(Settings.SYNC_FLUSH_TIMEOUT),
                config.value(Settings.RETENTION),
                config.value(Settings.DELETE_HOURS),
                config.value(Settings.DISK_MAX_USED) / 100.0,
                config.value(Settings.FORCE_DELETE) ? config.value(Settings.DISK_FORCE) / 100.0 : 1.0,
                config.value(Settings.DISK_REFUSE) / 100.0,
                config.value(Settings.KEY_INDEX),
                fitting.checkpointBytes(),
                checkpointEntries(fitting.checkpointEntries()),
                fitting.checkpointInterval(),
                new SetAsideLimits(config.value(Settings.SET_ASIDE_COUNT), config.value(Settings.SET_ASIDE_SIZE)));
    }

    /** In memory an entry takes 16 or 24 bytes: in a small heap fewer may wait for a checkpoint. */
    private static long checkpointEntries(long most) {
        return Math.min(most, Runtime.getRuntime().maxMemory() / BYTES_OF_HEAP_PER_ENTRY);
    }

    /** For how many slaves a send waits. */
    static CopyConfig copies(Config config) {
        if (config.isSet(Settings.MEMBERS)) {
            return new CopyConfig(config.value(Settings.IN_SYNC_REPLICAS) - 1, config.value(Settings.COPY_TIMEOUT));
        }
        // RocketMQ counts the master, too; its default, 1, is no wait at all in 5.x and for one slave in 4.x.
        int slaves = Math.max(1, config.value(Settings.IN_SYNC_REPLICAS) - 1);
        boolean waits = config.value(Settings.BROKER_ROLE) == BrokerRole.SYNC_MASTER;
        return new CopyConfig(waits ? slaves : 0, config.value(Settings.COPY_TIMEOUT));
    }

    /** How a master serves slaves on RocketMQ's stream. */
    static StreamTiming stream(Config config) {
        StreamTiming usual = StreamTiming.defaults();
        return config.value(Settings.SLAVE_RATE_LIMITED)
                ? usual.withMaxBytesPerSecond(config.value(Settings.SLAVE_RATE))
                : usual;
    }

    /** How a member of a group replicates. */
    static ReplicationSettings replication(Config config, long segmentBytes) {
        ReplicationSettings fitting = ReplicationSettings.defaults(
                config.value(Settings.BROKER_ID),
                List.copyOf(members(config).keySet()),
                copies(config).copies(),
                config.value(Settings.FLUSH) == FlushMode.SYNC);
        return new ReplicationSettings(
                fitting.member(),
                fitting.members(),
                fitting.copies(),
                fitting.flushed(),
                segmentBytes,
                fitting.windowBytes(),
                fitting.chunkBytes(),
                config.value(Settings.MEMBERS_RATE),
                config.value(Settings.MEMBERS_LAG),
                fitting.heartbeatMillis(),
                fitting.timeoutMillis(),
                fitting.retryMillis());
    }

    /** Where the members of the group give others the log, by their ids; none if there is no group. */
    static NavigableMap<Integer, String> members(Config config) {
        return config.valueOr(Settings.MEMBERS, Collections::emptyNavigableMap);
    }

    /**
     * As whom a member of a group registers: the one that leads as the master, each other one by its own id; and the one that has the
     * id 0 in its file, while it does not lead, by one that no other has.
     */
    static BrokerIdentity inRole(Config config, BrokerIdentity identity, @Nullable GroupLead lead) {
        long own = identity.brokerId();
        long slave = own > 0 ? own : members(config).lastKey() + 1;
        return identity.withBrokerId(lead != null ? 0 : slave).withLead(lead);
    }

    /** A body of the largest size with the longest properties and topic, and the fixed fields. */
    private static long recordBytes(Config config) {
        return config.value(Settings.MAX_MESSAGE) + (64 << 10);
    }

    /** What the settings may leave to the start, by RocketMQ's names. */
    static Map<String, String> workedOut(BrokerIdentity identity) {
        Map<String, String> found = new HashMap<>();
        found.put("brokerName", identity.brokerName());
        found.put("listenPort", String.valueOf(identity.port()));
        found.put("haListenPort", String.valueOf(identity.haPort()));
        if (!identity.automaticHost()) {
            InetAddress copies = identity.haHost();
            found.put("brokerIP2", (copies == null ? identity.host() : copies).getHostAddress());
        }
        return found;
    }

    static BrokerConfig broker(Config config, BrokerIdentity identity) {
        long memory = Runtime.getRuntime().maxMemory() * 4; // bin/launch leaves the heap at a quarter of the memory
        return new BrokerConfig(
                identity,
                config.value(Settings.QUERY_MESSAGES),
                new SendConfig(
                        Math.toIntExact(config.value(Settings.MAX_MESSAGE)),
                        config.value(Settings.REGION),
                        config.value(Settings.TRACE),
                        config.value(Settings.PERMISSION),
                        config.value(Settings.ACCEPT_FROM)),
                new PullConfig(
                        config.value(Settings.PULL_MESSAGES),
                        Math.toIntExact(config.value(Settings.PULL_BYTES)),
                        config.value(Settings.LONG_POLLING),
                        Math.toIntExact(config.value(Settings.SHORT_POLLING).toMillis()),
                        config.value(Settings.MAX_PARKED),
                        config.value(Settings.LITE_PULL),
                        filters(config)),
                new ScheduleConfig(
                        delayLevels(config),
                        config.value(Settings.TIMERS),
                        config.value(Settings.MAX_DELAY),
                        config.value(Settings.RECALL)),
                new LimitConfig(config.value(Settings.LIMIT_WAIT), config.value(Settings.LIMIT_HELD)),
                new DedupConfig(config.value(Settings.DEDUP_MEMORY)),
                transactions(config),
                topics(config, identity),
                new GroupConfig(
                        config.value(Settings.AUTO_CREATE_GROUP),
                        config.value(Settings.NOTIFY_MEMBERS),
                        memory / 100 * config.value(Settings.YOUNG_SHARE)),
                registration(config));
    }

    private static FilterConfig filters(Config config) {
        return new FilterConfig(
                config.value(Settings.FILTER_SQL),
                new SqlLimits(
                        Math.toIntExact(config.value(Settings.FILTER_LENGTH)),
                        config.value(Settings.FILTER_CONDITIONS),
                        FilterConfig.DEFAULT.limits().maxDepth()));
    }

    private static TransactionConfig transactions(Config config) {
        int most = config.value(Settings.MAX_OPEN_TRANSACTIONS);
        return new TransactionConfig(
                config.value(Settings.REJECT_TRANSACTIONS),
                config.value(Settings.TRANSACTION_TIMEOUT),
                config.value(Settings.TRANSACTION_CHECK_INTERVAL),
                config.value(Settings.TRANSACTION_CHECK_MAX),
                most > 0
                        ? most
                        : Math.min(
                                MOST_OPEN_TRANSACTIONS,
                                Runtime.getRuntime().maxMemory() / BYTES_OF_HEAP_PER_TRANSACTION));
    }

    static DelayLevels delayLevels(Config config) {
        return DelayLevels.parse(config.text(Settings.DELAY_LEVELS));
    }

    private static TopicSettings topics(Config config, BrokerIdentity identity) {
        return new TopicSettings(
                identity.clusterName(),
                identity.brokerName(),
                config.value(Settings.DEFAULT_QUEUES),
                config.value(Settings.AUTO_CREATE_TOPIC),
                config.value(Settings.CLUSTER_TOPIC),
                config.value(Settings.BROKER_TOPIC),
                config.value(Settings.TRACE_TOPIC),
                config.value(Settings.TRACE_TOPIC_NAME),
                REVIVE_QUEUES,
                false);
    }

    private static RegistrationConfig registration(Config config) {
        Duration timeout = config.value(Settings.REGISTER_TIMEOUT);
        return new RegistrationConfig(
                config.value(Settings.REGISTER_INTERVAL),
                REGISTRATION.forceRegister(),
                timeout,
                REGISTRATION.callTimeout(),
                REGISTRATION.changeTimeout());
    }

    /** The broker on a folder that is its own. */
    static BrokerIdentity identity(Config config, FolderIdentity owner, int port) throws StartRefusal {
        int haPort = config.value(Settings.HA_PORT);
        return new BrokerIdentity(
                owner.cluster(),
                owner.brokerName(),
                owner.brokerId(),
                config.isSet(Settings.HOST) ? resolve(config, Settings.HOST) : ownAddress(),
                !config.isSet(Settings.HOST),
                port,
                config.isSet(Settings.HA_ADDRESS) ? resolve(config, Settings.HA_ADDRESS) : null,
                haPort == 0 ? port + 1 : haPort,
                null);
    }

    /** Which log files are kept. */
    static LogFiles.Limits logLimits(Config config) {
        return new LogFiles.Limits(
                config.value(Settings.LOG_FILE), config.value(Settings.LOG_TOTAL), config.value(Settings.LOG_KEEP));
    }

    /** The address that a setting's name stands for; a sentence if it stands for none. */
    @SuppressWarnings("AddressSelection") // one address is advertised; with several, the operator sets which
    static InetAddress resolve(Config config, Setting<String> setting) throws StartRefusal {
        try {
            return InetAddress.getByName(config.valueOr(setting, () -> ""));
        } catch (UnknownHostException unknown) {
            throw StartRefusal.failed("the name in " + config.described(setting)
                    + " cannot be resolved to an address; write the address");
        }
    }

    /** The machine's name, in the letters that a broker's name may have. */
    static String hostName() {
        String name = System.getenv("HOSTNAME");
        if (name == null || name.isBlank()) {
            try {
                name = InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException unnamed) {
                name = "broker-a"; // a machine without a name still needs one for its broker
            }
        }
        return name.replaceAll("[^A-Za-z0-9_|%.-]", "-");
    }

    /** The first address of a card that leads to others; the loopback address if there is none. */
    private static InetAddress ownAddress() throws StartRefusal {
        try {
            for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (!card.isUp() || card.isLoopback()) {
                    continue;
                }
                for (InetAddress address : Collections.list(card.getInetAddresses())) {
                    if (address instanceof java.net.Inet4Address && !address.isLinkLocalAddress()) {
                        return address;
                    }
                }
            }
            return InetAddress.getLoopbackAddress();
        } catch (SocketException unreadable) {
            throw StartRefusal.failed("the machine's addresses cannot be read (" + unreadable.getMessage()
                    + "); set with --host how clients reach this server");
        }
    }
}
