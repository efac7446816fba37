package org.merlinmq.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import org.merlinmq.broker.identity.BrokerRole;
import org.merlinmq.server.config.Setting.Roles;
import org.merlinmq.storage.FlushMode;

/**
 * The table of all settings: our name, RocketMQ's names, type with bounds, default, and what it does.
 *
 * <p>This table is the only place that knows names. {@code docs/operate/options.md} is made from it.
 */
public final class Settings {
    /** How far below a broker's main port clients of RocketMQ 4.4 and older send to. */
    public static final int VIP_DISTANCE = 2;

    private static final List<Setting<?>> TABLE = new ArrayList<>();

    private static final String NAME = "a name of letters, digits, _, -, | and %";
    private static final String NAME_PATTERN = "[A-Za-z0-9_|%.-]{1,127}";
    private static final String HOST_KIND = "a host name or an address";
    private static final String HOST_PATTERN = "[A-Za-z0-9.:_\\[\\]%-]+";

    // What every process has.

    public static final Setting<Path> DATA = add(
            "data",
            SettingType.path(),
            "data",
            Roles.ALL,
            "The one folder that the server writes to.",
            "storePathRootDir");

    public static final Setting<Boolean> ADOPT = add(
            "data.adopt",
            SettingType.flag(),
            "false",
            Roles.BROKER,
            "The data folder may be another broker's: it becomes this one's. Give it as --adopt at one start, and not in a file.");

    public static final Setting<Path> LOG_DIR = add(
            "log.dir",
            SettingType.path(),
            "",
            Roles.ALL,
            "The folder of the server's log files; one for each server. Unset: logs in the data folder.",
            "rocketmq.log.root");

    public static final Setting<Long> LOG_FILE = add(
            "log.file-size",
            SettingType.size("64k", "4g"),
            "64m",
            Roles.ALL,
            "A log file that would become larger is set aside and begun anew, as each file is when a day begins.");

    public static final Setting<Long> LOG_TOTAL = add(
            "log.total-size",
            SettingType.size("0", "1t"),
            "384m",
            Roles.ALL,
            "The most bytes of log files that are kept, the current one included. 0: no files at all.");

    public static final Setting<Duration> LOG_KEEP = add(
            "log.keep",
            SettingType.duration("1d", "3650d", "d"),
            "30d",
            Roles.ALL,
            "Log files that were last written longer ago are deleted.");

    public static final Setting<String> HOST = add(
            "host",
            SettingType.text(HOST_KIND, HOST_PATTERN),
            "",
            Roles.ALL,
            "The address that clients reach this server by. Unset: each client gets the address that it can reach.",
            "brokerIP1");

    public static final Setting<String> BIND = add(
            "bind",
            SettingType.text("an address of this machine", HOST_PATTERN),
            "0.0.0.0",
            Roles.ALL,
            "The address of this machine that all ports listen on.",
            "bindAddress");

    public static final Setting<Integer> LOOPS = add(
            "net.loops",
            SettingType.integer(0, 256),
            "0",
            Roles.ALL,
            "Event loops that read sockets. 0: as many as there are cores, at least 2.");

    public static final Setting<Duration> IDLE = add(
            "net.idle",
            SettingType.duration("1s", "1d", "s"),
            "120s",
            Roles.ALL,
            "A connection that neither sends nor receives for so long is closed.",
            "serverChannelMaxIdleTimeSeconds");

    public static final Setting<Integer> MAX_CONNECTIONS = add(
            "net.max-connections",
            SettingType.integer(10, 1_000_000),
            "50000",
            Roles.ALL,
            "Most connections at a time; one more is closed at once.");

    // The nameserver.

    public static final Setting<Integer> NAMESERVER_PORT = add(
            "nameserver.port",
            SettingType.port(),
            "9876",
            Roles.NAMESERVER,
            "The nameserver's port. In a file for bin/mqnamesrv, listenPort means this one.");

    public static final Setting<Path> NAMESERVER_TABLE = add(
            "nameserver.table",
            SettingType.path(),
            "",
            Roles.NAMESERVER,
            "The file of the nameserver's key-value table. Unset: nameserver/kvConfig.json in the data folder.",
            "kvConfigPath");

    public static final Setting<Duration> NAMESERVER_SCAN = add(
            "nameserver.scan-interval",
            SettingType.duration("100ms", "10m", "ms"),
            "5s",
            Roles.NAMESERVER,
            "How often the nameserver looks for brokers that went silent.",
            "scanNotActiveBrokerInterval");

    public static final Setting<Boolean> NAMESERVER_ORDER = add(
            "nameserver.order-messages",
            SettingType.flag(),
            "false",
            Roles.NAMESERVER,
            "Routes carry the order configuration of the key-value table.",
            "orderMessageEnable",
            "orderMessageEnabled");

    public static final Setting<Boolean> NAMESERVER_RETURN_ORDER = add(
            "nameserver.return-order",
            SettingType.flag(),
            "true",
            Roles.NAMESERVER,
            "The answer to a broker's registration names the ordered topics.",
            "returnOrderTopicConfigToBroker");

    public static final Setting<Boolean> NAMESERVER_DELETE_TOPICS = add(
            "nameserver.delete-unregistered-topics",
            SettingType.flag(),
            "false",
            Roles.NAMESERVER,
            "A topic that a master's registration does not name loses its route.",
            "deleteTopicWithBrokerRegistration");

    public static final Setting<Boolean> NAMESERVER_LIST_ALL = add(
            "nameserver.list-all-topics",
            SettingType.flag(),
            "true",
            Roles.NAMESERVER,
            "Clients may list all topics.",
            "enableAllTopicList");

    public static final Setting<Boolean> NAMESERVER_LIST = add(
            "nameserver.list-topics",
            SettingType.flag(),
            "true",
            Roles.NAMESERVER,
            "Clients may list topics by cluster and kind.",
            "enableTopicList");

    // The broker: who it is.

    public static final Setting<Integer> BROKER_PORT = add(
            "broker.port",
            SettingType.port(),
            "10911",
            Roles.BROKER,
            "The broker's main port. The port two below it is served too, for clients of RocketMQ 4.4 and older.",
            "listenPort");

    public static final Setting<Boolean> VIP_PORT = add(
            "broker.vip-port",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Serve the port two below the main one, which clients of RocketMQ 4.4 and older send to.");

    public static final Setting<List<String>> NAMESERVERS = add(
            "broker.nameservers",
            SettingType.addresses(),
            "",
            Roles.BROKER,
            "Nameservers that the broker registers with, besides the one in its own process.",
            "namesrvAddr");

    public static final Setting<String> CLUSTER = add(
            "broker.cluster",
            SettingType.text(NAME, NAME_PATTERN),
            "DefaultCluster",
            Roles.BROKER,
            "The cluster that the broker belongs to.",
            "brokerClusterName");

    public static final Setting<String> BROKER_NAME = add(
            "broker.name",
            SettingType.text(NAME, NAME_PATTERN),
            "",
            Roles.BROKER,
            "The broker's name, which its replicas share. Unset: the name that the data folder has since its first start, at "
                    + "that start the machine's host name.",
            "brokerName");

    public static final Setting<Integer> BROKER_ID = add(
            "broker.id",
            SettingType.integer(0, Integer.MAX_VALUE),
            "0",
            Roles.BROKER,
            "0 for the master of a name, 1 or larger for each of its slaves.",
            "brokerId");

    public static final Setting<BrokerRole> BROKER_ROLE = add(
            "broker.role",
            SettingType.oneOf(BrokerRole.class, ""),
            "ASYNC_MASTER",
            Roles.BROKER,
            "ASYNC_MASTER answers sends without waiting for slaves, SYNC_MASTER when they have the message; SLAVE follows the "
                    + "master of its name.",
            "brokerRole");

    public static final Setting<Integer> IN_SYNC_REPLICAS = add(
            "broker.in-sync-replicas",
            SettingType.integer(1, 17),
            "2",
            Roles.BROKER,
            "With SYNC_MASTER: how many brokers of the name, the master included, must have a message before its sender hears that "
                    + "it is stored. 1 counts as 2; not with broker.members, where 1 waits for no slave, and the setting is needed.",
            "inSyncReplicas");

    public static final Setting<Duration> COPY_TIMEOUT = add(
            "broker.copy-timeout",
            SettingType.duration("1ms", "10m", "ms"),
            "3s",
            Roles.BROKER,
            "With SYNC_MASTER: how long a send waits for slaves before it is answered FLUSH_SLAVE_TIMEOUT.",
            "slaveTimeout");

    public static final Setting<NavigableMap<Integer, String>> MEMBERS = add(
            "broker.members",
            SettingType.members(),
            "",
            Roles.BROKER,
            "All brokers of the name, each with its broker.id and where it gives others the log, for example "
                    + "0@10.0.0.1:10912;1@10.0.0.2:10912: they replicate exactly, and `merlin cluster promote` makes a slave the "
                    + "master. The same in the file of each. Unset: RocketMQ's replication.");

    public static final Setting<Path> MEMBERS_SECRET = add(
            "broker.members-secret",
            SettingType.path(),
            "",
            Roles.BROKER,
            "A file whose first line, 16 characters or more, all members know: both ends of a connection between two of them prove "
                    + "it. Unset: whoever reaches broker.ha-port gets the log.");

    public static final Setting<Path> MEMBERS_CERTIFICATE = add(
            "broker.members-certificate",
            SettingType.path(),
            "",
            Roles.BROKER,
            "A PEM file with this member's certificate, and behind it those that signed it: connections between members use TLS, "
                    + "and both ends show theirs. With broker.members-key and broker.members-trust, for all members or none. "
                    + "Files that change count for new connections. Unset: nothing is encrypted.");

    public static final Setting<Path> MEMBERS_KEY = add(
            "broker.members-key",
            SettingType.path(),
            "",
            Roles.BROKER,
            "A PEM file with the private key of broker.members-certificate: PKCS#8, not encrypted.");

    public static final Setting<Path> MEMBERS_TRUST = add(
            "broker.members-trust",
            SettingType.path(),
            "",
            Roles.BROKER,
            "A PEM file with the certificates that the other members' are signed by, or are. Whoever has such a certificate is "
                    + "taken for a member.");

    public static final Setting<Long> MEMBERS_RATE = add(
            "broker.members-catch-up-rate",
            SettingType.size("1m", "1024g"),
            "400m",
            Roles.BROKER,
            "With broker.members: how much of the log in a second the master sends to each slave that lags by more than"
                    + " broker.members-max-lag, so that its disk and network are left to clients. One that lags by less gets all.");

    public static final Setting<Long> MEMBERS_LAG = add(
            "broker.members-max-lag",
            SettingType.size("1m", "1024g"),
            "256m",
            Roles.BROKER,
            "With broker.members: a slave that lags by more is not in sync. Sends do not wait for it, and are answered"
                    + " SLAVE_NOT_AVAILABLE where too few others are.");

    public static final Setting<Boolean> SLAVE_RATE_LIMITED = add(
            "broker.slave-rate-limited",
            SettingType.flag(),
            "false",
            Roles.BROKER,
            "Without broker.members: the master sends no slave more of the log in a second than broker.slave-rate.",
            "haFlowControlEnable");

    public static final Setting<Long> SLAVE_RATE = add(
            "broker.slave-rate",
            SettingType.size("64k", "1024g"),
            "100m",
            Roles.BROKER,
            "How much of the log in a second each slave gets where broker.slave-rate-limited is on.",
            "maxHaTransferByteInSecond");

    public static final Setting<Integer> HA_PORT = add(
            "broker.ha-port",
            SettingType.portAbove("broker.port"),
            "0",
            Roles.BROKER,
            "The port where slaves get the log.",
            "haListenPort");

    public static final Setting<String> HA_ADDRESS = add(
            "broker.ha-address",
            SettingType.text(HOST_KIND, HOST_PATTERN),
            "",
            Roles.BROKER,
            "The address that slaves reach this broker by. Unset: that of clients.",
            "brokerIP2");

    public static final Setting<String> MASTER = add(
            "broker.master",
            SettingType.address(),
            "",
            Roles.BROKER,
            "For a slave: where its master's slaves get the log. Unset: what the nameservers have for its name.",
            "haMasterAddress");

    public static final Setting<Integer> PERMISSION = add(
            "broker.permission",
            new SettingType<>("2 (write), 4 (read) or 6 (both)", Settings::permission, String::valueOf),
            "6",
            Roles.BROKER,
            "What clients may do: 2 write, 4 read, 6 both.",
            "brokerPermission");

    public static final Setting<Duration> REGISTER_INTERVAL = add(
            "broker.register-interval",
            SettingType.duration("10s", "60s", "ms"),
            "30s",
            Roles.BROKER,
            "How often the broker renews its registration with the nameservers.",
            "registerNameServerPeriod");

    public static final Setting<Duration> REGISTER_TIMEOUT = add(
            "broker.register-timeout",
            SettingType.duration("100ms", "60s", "ms"),
            "24s",
            Roles.BROKER,
            "How long one registration may take.",
            "registerBrokerTimeoutMills");

    public static final Setting<Duration> START_CHECK = add(
            "broker.start-check",
            SettingType.duration("0ms", "60s", "ms"),
            "3s",
            Roles.BROKER,
            "How long a start waits for its nameservers to answer whether another broker of this name and id runs, and for that "
                    + "one to answer. 0: nobody is asked.");

    public static final Setting<String> REGION = add(
            "broker.region",
            SettingType.text(NAME, NAME_PATTERN),
            "DefaultRegion",
            Roles.BROKER,
            "The region that stands in each message's property MSG_REGION.",
            "regionId");

    // Storage.

    public static final Setting<Path> COMMIT_LOG = add(
            "storage.commit-log",
            SettingType.path(),
            "",
            Roles.BROKER,
            "The commit log's folder. Unset: commitlog in the data folder.",
            "storePathCommitLog");

    public static final Setting<FlushMode> FLUSH = add(
            "storage.flush",
            SettingType.oneOf(FlushMode.class, "_FLUSH"),
            "ASYNC_FLUSH",
            Roles.BROKER,
            "When a send is answered: ASYNC_FLUSH once its bytes are with the operating system (survives kill -9), "
                    + "SYNC_FLUSH once they are on the disk (survives a power cut).",
            "flushDiskType");

    public static final Setting<Duration> FLUSH_INTERVAL = add(
            "storage.flush-interval",
            SettingType.duration("1ms", "1h", "ms"),
            "500ms",
            Roles.BROKER,
            "With ASYNC_FLUSH: the longest time that bytes wait for the disk.",
            "flushIntervalCommitLog");

    public static final Setting<Duration> SYNC_FLUSH_TIMEOUT = add(
            "storage.sync-flush-timeout",
            SettingType.duration("1ms", "10m", "ms"),
            "5s",
            Roles.BROKER,
            "With SYNC_FLUSH: how long a send waits for the disk before it is answered FLUSH_DISK_TIMEOUT.",
            "syncFlushTimeout");

    public static final Setting<Long> SEGMENT = add(
            "storage.segment",
            SettingType.size("1m", "2047m"),
            "1g",
            Roles.BROKER,
            "The size of one file of the commit log.",
            "mappedFileSizeCommitLog",
            "mapedFileSizeCommitLog");

    public static final Setting<Duration> RETENTION = add(
            "storage.retention",
            SettingType.duration("1m", "36500d", "h"),
            "72h",
            Roles.BROKER,
            "How long messages are kept.",
            "fileReservedTime");

    public static final Setting<List<Integer>> DELETE_HOURS = add(
            "storage.delete-hours",
            SettingType.hours(),
            "04",
            Roles.BROKER,
            "The hours of the day, in the machine's time zone, at which old files are deleted.",
            "deleteWhen");

    public static final Setting<Integer> DISK_MAX_USED = add(
            "storage.disk-max-used",
            SettingType.integer(10, 99),
            "75",
            Roles.BROKER,
            "Percent of the disk: above it old files are deleted at any hour.",
            "diskMaxUsedSpaceRatio");

    public static final Setting<Integer> DISK_FORCE = add(
            "storage.disk-force",
            SettingType.integer(10, 99),
            "85",
            Roles.BROKER,
            "Percent of the disk: above it the oldest files are deleted before their time, if "
                    + "storage.disk-force-delete is on.",
            "diskSpaceCleanForciblyRatio");

    public static final Setting<Integer> DISK_REFUSE = add(
            "storage.disk-refuse",
            SettingType.integer(10, 99),
            "90",
            Roles.BROKER,
            "Percent of the disk: above it sends are refused until space returns. Reads go on.",
            "diskSpaceWarningLevelRatio");

    public static final Setting<Boolean> FORCE_DELETE = add(
            "storage.disk-force-delete",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Above storage.disk-force, delete the oldest files before their time. Off: sends are refused instead.",
            "cleanFileForciblyEnable");

    public static final Setting<Integer> SET_ASIDE_COUNT = add(
            "storage.set-aside-count",
            SettingType.integer(0, 100),
            "2",
            Roles.BROKER,
            "How many stores are kept that a member of a broker group emptied to begin again with a copy of its master's; the"
                    + " oldest is deleted first.");

    public static final Setting<Long> SET_ASIDE_SIZE = add(
            "storage.set-aside-size",
            SettingType.size("0", "1024t"),
            "32g",
            Roles.BROKER,
            "How much such stores take together; one that alone is larger is deleted at once.");

    public static final Setting<Boolean> KEY_INDEX = add(
            "storage.key-index",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Keep an index of message keys and unique ids.",
            "messageIndexEnable");

    // Topics and groups.

    public static final Setting<Boolean> AUTO_CREATE_TOPIC = add(
            "topic.auto-create",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "A send to a topic that does not exist creates it.",
            "autoCreateTopicEnable");

    public static final Setting<Integer> DEFAULT_QUEUES = add(
            "topic.default-queues",
            SettingType.integer(1, 65536),
            "8",
            Roles.BROKER,
            "Most queues that a topic created by a send gets (its producer requests 4 by default).",
            "defaultTopicQueueNums");

    public static final Setting<Boolean> CLUSTER_TOPIC = add(
            "topic.cluster-topic",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "A topic with the cluster's name exists, which administration uses.",
            "clusterTopicEnable");

    public static final Setting<Boolean> BROKER_TOPIC = add(
            "topic.broker-topic",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "A topic with the broker's name exists, which administration uses.",
            "brokerTopicEnable");

    public static final Setting<Boolean> TRACE_TOPIC = add(
            "topic.trace",
            SettingType.flag(),
            "false",
            Roles.BROKER,
            "The topic that clients send their traces to exists from the start.",
            "traceTopicEnable");

    public static final Setting<String> TRACE_TOPIC_NAME = add(
            "topic.trace-name",
            SettingType.text(NAME, NAME_PATTERN),
            "RMQ_SYS_TRACE_TOPIC",
            Roles.BROKER,
            "The name of the topic that clients send their traces to.",
            "msgTraceTopicName");

    public static final Setting<Boolean> AUTO_CREATE_GROUP = add(
            "group.auto-create",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "A consumer of a group that does not exist creates it.",
            "autoCreateSubscriptionGroup");

    public static final Setting<Boolean> NOTIFY_MEMBERS = add(
            "group.notify-members",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Members of a group are notified at once when another joins or leaves.",
            "notifyConsumerIdsChangedEnable");

    public static final Setting<Integer> YOUNG_SHARE = add(
            "group.young-share",
            SettingType.integer(0, 100),
            "40",
            Roles.BROKER,
            "A new group begins at a queue's first message if that lies within so many percent of the memory of the log's "
                    + "end; at the queue's end otherwise.",
            "accessMessageInMemoryMaxRatio");

    // Sends.

    public static final Setting<Long> MAX_MESSAGE = add(
            "send.max-message",
            SettingType.size("1", "15m"),
            "4m",
            Roles.BROKER,
            "The largest message body.",
            "maxMessageSize");

    public static final Setting<Long> ACCEPT_FROM = add(
            "send.accept-from",
            SettingType.time(),
            "0",
            Roles.BROKER,
            "Sends before this time (milliseconds since 1970) are refused.",
            "startAcceptSendRequestTimeStamp");

    public static final Setting<Boolean> TRACE = add(
            "send.trace",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Asks producers that can trace to do so.",
            "traceOn");

    public static final Setting<List<Duration>> DELAY_LEVELS = add(
            "delay.levels",
            SettingType.durations("delays such as 1s 5s 10s 30s 1m, separated by blanks"),
            "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h",
            Roles.BROKER,
            "What the delay levels 1, 2, 3 … of a message mean.",
            "messageDelayLevel");

    public static final Setting<Boolean> TIMERS = add(
            "delay.any",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Messages may have any delay, not only that of a level.",
            "timerWheelEnable");

    public static final Setting<Duration> MAX_DELAY = add(
            "delay.max",
            SettingType.duration("1s", "36500d", "s"),
            "3653d",
            Roles.BROKER,
            "The longest delay that a message may have.",
            "timerMaxDelaySec");

    public static final Setting<Boolean> RECALL = add(
            "delay.recall",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Producers may take back a message that waits for its time.",
            "recallMessageEnable");

    public static final Setting<Duration> LIMIT_WAIT = add(
            "limit.max-wait",
            SettingType.duration("0ms", "60s", "ms"),
            "2s",
            Roles.BROKER,
            "A send that would wait longer for the rate limit of its topic or group is refused. Keep it below the time that "
                    + "producers wait for an answer, 3 s unless they are configured otherwise.");

    public static final Setting<Long> LIMIT_HELD = add(
            "limit.max-held",
            SettingType.size("0", "4g"),
            "16m",
            Roles.BROKER,
            "The most that sends which wait for a rate limit may hold in memory; a send beyond is refused.");

    public static final Setting<Long> DEDUP_MEMORY = add(
            "dedup.max-memory",
            SettingType.size("0", "64g"),
            "64m",
            Roles.BROKER,
            "The most memory for the unique keys of topics with a dedup.window. Where it is not enough, windows are "
                    + "shortened.");

    // Transactions.

    public static final Setting<Boolean> REJECT_TRANSACTIONS = add(
            "transaction.reject",
            SettingType.flag(),
            "false",
            Roles.BROKER,
            "Refuse transactional messages.",
            "rejectTransactionMessage");

    public static final Setting<Duration> TRANSACTION_TIMEOUT = add(
            "transaction.timeout",
            SettingType.duration("0ms", "24d", "ms"),
            "6s",
            Roles.BROKER,
            "How long after it is stored a half message is first checked, unless it says otherwise.",
            "transactionTimeOut");

    public static final Setting<Duration> TRANSACTION_CHECK_INTERVAL = add(
            "transaction.check-interval",
            SettingType.duration("1ms", "24d", "ms"),
            "30s",
            Roles.BROKER,
            "How long after a check of a half message the next one is due.",
            "transactionCheckInterval");

    public static final Setting<Integer> TRANSACTION_CHECK_MAX = add(
            "transaction.check-max",
            SettingType.integer(1, 32_767),
            "15",
            Roles.BROKER,
            "A half message that was checked so often and is due again is given up.",
            "transactionCheckMax");

    public static final Setting<Integer> MAX_OPEN_TRANSACTIONS = add(
            "transaction.max-open",
            SettingType.integer(0, 100_000_000),
            "0",
            Roles.BROKER,
            "More open transactions than this are not taken. 0: one for each 128 bytes of heap, at most 5000000.");

    // Pulls and queries.

    public static final Setting<Integer> PULL_MESSAGES = add(
            "pull.max-messages",
            SettingType.integer(1, 4096),
            "32",
            Roles.BROKER,
            "Most messages in the answer to one pull.",
            "maxTransferCountOnMessageInMemory");

    public static final Setting<Long> PULL_BYTES = add(
            "pull.max-bytes",
            SettingType.size("1k", "8m"),
            "256k",
            Roles.BROKER,
            "Most bytes in the answer to one pull, except that the first message always fits.",
            "maxTransferBytesOnMessageInMemory");

    public static final Setting<Boolean> LONG_POLLING = add(
            "pull.wait",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "A pull that finds nothing waits at the server for the time that its client sets.",
            "longPollingEnable");

    public static final Setting<Duration> SHORT_POLLING = add(
            "pull.short-wait",
            SettingType.duration("0ms", "1m", "ms"),
            "1s",
            Roles.BROKER,
            "How long a pull waits when pull.wait is off.",
            "shortPollingTimeMills");

    public static final Setting<Integer> MAX_PARKED = add(
            "pull.max-waiting",
            SettingType.integer(1, 10_000_000),
            "500000",
            Roles.BROKER,
            "Most pulls that wait at a time; one more is answered at once.");

    public static final Setting<Boolean> SLAVE_READS = add(
            "pull.from-slaves",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Readers that lag by more than group.young-share of the memory are pointed to a slave that keeps up.",
            "slaveReadEnable");

    public static final Setting<Boolean> LITE_PULL = add(
            "pull.lite",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Serve the lite pull consumers of clients.",
            "litePullMessageEnable");

    public static final Setting<Boolean> FILTER_SQL = add(
            "filter.sql",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Clients may subscribe by SQL92 expressions.",
            "enablePropertyFilter");

    public static final Setting<Long> FILTER_LENGTH = add(
            "filter.sql-max-length",
            SettingType.size("16", "1m"),
            "64k",
            Roles.BROKER,
            "Most characters of an SQL92 expression.");

    public static final Setting<Integer> FILTER_CONDITIONS = add(
            "filter.sql-max-conditions",
            SettingType.integer(1, 10_000),
            "1000",
            Roles.BROKER,
            "Most conditions of an SQL92 expression.");

    public static final Setting<Integer> QUERY_MESSAGES = add(
            "query.max-messages",
            SettingType.integer(1, 10_000),
            "64",
            Roles.BROKER,
            "Most messages in the answer to a query by key.",
            "maxMsgsNumBatch");

    // HTTP.

    public static final Setting<Boolean> CONSOLE = add(
            "console.enabled",
            SettingType.flag(),
            "true",
            Roles.BROKER,
            "Serve the start page, /healthz and /metrics.");

    public static final Setting<Integer> CONSOLE_PORT = add(
            "console.port",
            SettingType.port(),
            "8080",
            Roles.BROKER,
            "The port of the start page, /healthz and /metrics. If nobody sets it and 8080 is in use, any free one.");

    /** What a broker takes over while it runs. The others size what is made at the start, or others rely on them. */
    private static final Set<Setting<?>> RUN_TIME = Set.of(
            PERMISSION,
            RETENTION,
            DELETE_HOURS,
            DISK_MAX_USED,
            DISK_FORCE,
            DISK_REFUSE,
            FORCE_DELETE,
            AUTO_CREATE_TOPIC,
            AUTO_CREATE_GROUP,
            NOTIFY_MEMBERS,
            ACCEPT_FROM,
            REJECT_TRANSACTIONS,
            TRANSACTION_TIMEOUT,
            TRANSACTION_CHECK_INTERVAL,
            TRANSACTION_CHECK_MAX,
            MAX_OPEN_TRANSACTIONS,
            PULL_BYTES,
            LONG_POLLING,
            SHORT_POLLING,
            MAX_PARKED,
            LITE_PULL,
            QUERY_MESSAGES);

    /** What an operator asks for first: who the broker is, what it promises, where things are. */
    private static final Set<Setting<?>> IMPORTANT = Set.of(
            DATA,
            HOST,
            BIND,
            NAMESERVER_PORT,
            NAMESERVER_TABLE,
            BROKER_PORT,
            NAMESERVERS,
            CLUSTER,
            BROKER_NAME,
            BROKER_ID,
            BROKER_ROLE,
            HA_PORT,
            HA_ADDRESS,
            MASTER,
            PERMISSION,
            COMMIT_LOG,
            FLUSH,
            RETENTION,
            DELETE_HOURS,
            AUTO_CREATE_TOPIC,
            DEFAULT_QUEUES,
            AUTO_CREATE_GROUP,
            MAX_MESSAGE,
            REJECT_TRANSACTIONS,
            LOG_DIR,
            // These are in RocketMQ's list.
            FLUSH_INTERVAL,
            FORCE_DELETE,
            KEY_INDEX,
            PULL_MESSAGES,
            PULL_BYTES,
            YOUNG_SHARE,
            TRACE_TOPIC,
            TRACE_TOPIC_NAME,
            TRANSACTION_TIMEOUT,
            TRANSACTION_CHECK_INTERVAL,
            TRANSACTION_CHECK_MAX);

    private Settings() {}

    /** Whether {@code -m} prints a setting. */
    static boolean isImportant(Setting<?> setting) {
        return IMPORTANT.contains(setting);
    }

    /** Whether a request may change a setting while the server runs. */
    public static boolean changesAtRunTime(Setting<?> setting) {
        return RUN_TIME.contains(setting);
    }

    /** All settings in the order of the options page. */
    public static List<Setting<?>> all() {
        return List.copyOf(TABLE);
    }

    private static <T> Setting<T> add(
            String name, SettingType<T> kind, String defaultText, Roles roles, String what, String... aliases) {
        Setting<T> setting = new Setting<>(name, List.of(aliases), kind, defaultText, roles, what);
        TABLE.add(setting);
        return setting;
    }

    private static Integer permission(String text) {
        int permission = Integer.parseInt(text);
        if (permission != 2 && permission != 4 && permission != 6) {
            throw new IllegalArgumentException();
        }
        return permission;
    }
}
