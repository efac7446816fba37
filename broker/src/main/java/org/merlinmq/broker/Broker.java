package org.merlinmq.broker;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.admin.ConfigHandlers;
import org.merlinmq.broker.admin.ConfigView;
import org.merlinmq.broker.admin.ConsumeStatsHandlers;
import org.merlinmq.broker.admin.DedupHandlers;
import org.merlinmq.broker.admin.DiskSpace;
import org.merlinmq.broker.admin.LimitHandlers;
import org.merlinmq.broker.admin.Load;
import org.merlinmq.broker.admin.MaintenanceHandlers;
import org.merlinmq.broker.admin.MessageHandlers;
import org.merlinmq.broker.admin.NotServed;
import org.merlinmq.broker.admin.RuntimeHandlers;
import org.merlinmq.broker.admin.StatsHandlers;
import org.merlinmq.broker.client.ClientHandlers;
import org.merlinmq.broker.client.ClientRelay;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.client.LockHandlers;
import org.merlinmq.broker.client.LockRecords;
import org.merlinmq.broker.client.ProducerGroups;
import org.merlinmq.broker.client.QueueLocks;
import org.merlinmq.broker.client.RebalanceNotifier;
import org.merlinmq.broker.dedup.DedupMemory;
import org.merlinmq.broker.dedup.DedupTables;
import org.merlinmq.broker.dispatch.DiskRefusal;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.broker.follow.ApacheFollower;
import org.merlinmq.broker.follow.OffsetHandover;
import org.merlinmq.broker.follow.ReplicaView;
import org.merlinmq.broker.group.GroupHandlers;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.migrate.RocketMqState;
import org.merlinmq.broker.offset.OffsetHandlers;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.offset.ResetHandlers;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.broker.pull.ArrivedRecords;
import org.merlinmq.broker.pull.PullAnswers;
import org.merlinmq.broker.pull.PullChecks;
import org.merlinmq.broker.pull.PullCore;
import org.merlinmq.broker.pull.PullCounters;
import org.merlinmq.broker.pull.PullHandler;
import org.merlinmq.broker.pull.SlaveReads;
import org.merlinmq.broker.registry.NameserverClient;
import org.merlinmq.broker.registry.Registration;
import org.merlinmq.broker.replicate.Replication;
import org.merlinmq.broker.replicate.ReplicationHandlers;
import org.merlinmq.broker.replicate.StreamReplication;
import org.merlinmq.broker.reply.ReplyHandlers;
import org.merlinmq.broker.schedule.CarriedRecord;
import org.merlinmq.broker.schedule.Deadlines;
import org.merlinmq.broker.schedule.DelayHandlers;
import org.merlinmq.broker.schedule.DelayService;
import org.merlinmq.broker.schedule.ScheduleTopics;
import org.merlinmq.broker.send.DuplicateSends;
import org.merlinmq.broker.send.FirstSends;
import org.merlinmq.broker.send.HeldSends;
import org.merlinmq.broker.send.OwnProperties;
import org.merlinmq.broker.send.RecordStager;
import org.merlinmq.broker.send.SendAnswers;
import org.merlinmq.broker.send.SendBack;
import org.merlinmq.broker.send.SendChecks;
import org.merlinmq.broker.send.SendCore;
import org.merlinmq.broker.send.SendCounters;
import org.merlinmq.broker.send.SendHandler;
import org.merlinmq.broker.send.StagedSends;
import org.merlinmq.broker.send.TopicResolver;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicHandlers;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.broker.transaction.Transactions;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DedupState;
import org.merlinmq.protocol.body.RateLimitState;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.UniqueKey;
import org.merlinmq.replication.apache.ApacheMaster;
import org.merlinmq.replication.apache.StreamTiming;
import org.merlinmq.storage.Storage;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.Listener;
import org.merlinmq.transport.ListenerConfig;
import org.merlinmq.transport.Loop;
import org.merlinmq.transport.LoopService;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Dispatcher;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.LoopReplies;
import org.merlinmq.transport.dispatch.OnewayRefusals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One broker: builds its parts, starts them in the order of {@link #start} and stops them in the reverse.
 *
 * <p>Threading: {@link #start} and {@link #close} on the thread that owns the broker; the rest on any.
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final long EXPIRY_CHECK_MILLIS = 10_000;
    private static final long OFFSET_FLUSH_MILLIS = 1_000;

    private volatile BrokerConfig config;
    private final Storage storage;
    private final EventLoops loops;
    private final ArrivedRecords arrived = new ArrivedRecords();
    private final LongSupplier nowMillis;
    private final Deadlines deadlines;
    private final ThroughputStats throughput;
    private final BrokerState state;
    private final TopicTable topics;
    private final GroupTable groups;
    private final OffsetTable offsets;
    private final RebalanceNotifier notifier;
    private final ConsumerGroups consumers;
    private final ProducerGroups producers;
    private final QueueLocks locks;
    private final StoredMessages messages;
    private final TopicThroughput topicThroughput;
    private final ClientHandlers clients;
    private final DelayService delays;
    private final DelayHandlers delayHandlers;
    private final LimitHandlers limitHandlers;
    private final DedupHandlers dedupHandlers;
    private final Transactions transactions;
    private final Registration registration;
    private final SendChecks sendChecks;
    private final TopicResolver topicResolver;
    private final OwnProperties ownProperties;
    private final Handlers handlers = new Handlers();
    private final OnewayRefusals onewayRefusals = new OnewayRefusals(System::nanoTime, LOG::warn);
    private final List<SendCounters> sendCounters = new ArrayList<>();
    private final List<PullCounters> pullCounters = new ArrayList<>();
    private final List<PullHandler> pullHandlers = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    /** What waits on all loops for the limits of topics and groups. */
    private final AtomicLong heldBytes = new AtomicLong();

    private final DedupTables dedups;
    private final ReplicaView replicas;
    private final ReplicationHandlers replicationHandlers;
    private final SlaveReads slaveReads;

    /** On a slave of RocketMQ's: what keeps it a copy. Of the thread that owns the broker. */
    private @Nullable ApacheFollower follower;

    /** On a member that does not lead its group: gives its leader what was committed here. */
    private volatile @Nullable OffsetHandover handover;

    private final Deadlines.Entry expiry;
    private final Deadlines.Entry offsetFlush;
    private final Deadlines.Entry sampling;

    /**
     * What a broker uses; its owner opens and closes it.
     *
     * @param storage the open store, with {@link org.merlinmq.broker.schedule.DelayedRecords} as its indexer; this broker is its only user
     * @param loops the event loops
     * @param nameservers the nameservers to register with
     * @param settings the settings as administrators see them
     * @param disk how full the disk is
     * @param clock the wall clock; statistics count days of its zone
     */
    public record BrokerResources(
            Storage storage,
            EventLoops loops,
            List<NameserverClient> nameservers,
            ConfigView settings,
            DiskSpace disk,
            Clock clock) {}

    /**
     * Builds a broker that is not started.
     *
     * @param config its configuration
     * @param resources the resources it uses
     */
    public Broker(BrokerConfig config, BrokerResources resources) {
        this.config = config;
        this.storage = resources.storage();
        this.loops = resources.loops();
        this.nowMillis = resources.clock()::millis;
        dedups = new DedupTables(config.dedup().maxBytes(), nowMillis);
        replicas = new ReplicaView(storage, config.identity().brokerId() == 0);
        replicationHandlers = new ReplicationHandlers(new StreamReplication(storage, replicas, nowMillis));
        slaveReads = new SlaveReads(storage::maxLogOffset, config.groups().youngBytes());
        deadlines = new Deadlines(nowMillis, Broker::timerFailed);
        expiry = deadlines.entry(this::expireClients);
        offsetFlush = deadlines.entry(this::flushOffsets);
        sampling = deadlines.entry(this::sampleTraffic);
        throughput = new ThroughputStats(
                nowMillis, at -> deadlines.arm(sampling, at), resources.clock().getZone());
        state = new BrokerState(
                storage, config.topics(), config.groups().autoCreate(), throughput, nowMillis, this::flushOffsetsSoon);
        topics = state.topics();
        groups = state.groups();
        offsets = state.offsets();
        TopicTableView topicView = state.topicView();
        notifier = new RebalanceNotifier(groups, () -> this.config.groups().notifyChanges());
        consumers = new ConsumerGroups(nowMillis, this::membersChanged);
        producers = new ProducerGroups(nowMillis);
        locks = new QueueLocks(
                () -> System.nanoTime() / 1_000_000,
                new LockRecords(state),
                consumers::isConnected,
                notifier::send,
                this::expireLocksIn);
        messages = new StoredMessages(storage, config.groups().youngBytes());
        topicThroughput = new TopicThroughput(topics, throughput, messages);
        clients = new ClientHandlers(
                groups, consumers, producers, locks, () -> this.config.pull().filters(), this::expireClientsLater);
        delays = new DelayService(storage, topicView, config.schedule().levels(), deadlines, nowMillis);
        delayHandlers = new DelayHandlers(storage, topicView, config.schedule(), config.identity(), nowMillis);
        limitHandlers = new LimitHandlers(topics, groups);
        dedupHandlers = new DedupHandlers(topics, dedups);
        transactions = new Transactions(new Transactions.Parts(
                storage,
                topics,
                producers,
                messages,
                throughput,
                deadlines,
                nowMillis,
                () -> this.config.transactions(),
                config.identity()));
        registration = new Registration(
                config.registration(), config.identity(), topics, this::permission, resources.nameservers());
        RandomGenerator random = new Random();
        SendBack sendBack = new SendBack(new SendBack.Parts(
                storage, topicView, groups, locks, config.schedule(), config.identity(), nowMillis, random));
        sendChecks = new SendChecks(config.identity().brokerName(), () -> this.config.send(), storage, nowMillis);
        topicResolver = new TopicResolver(topics, sendBack::destination, random);
        ownProperties =
                new OwnProperties(config.identity(), config.send(), uniqueKeys(config.identity(), resources.clock()));
        registerHandlers(resources, topicView, sendBack);
    }

    /**
     * Applies the settings that may change while the broker runs: its permission, whether topics and groups are created,
     * the notices to members, how pulls wait and how much they return, when sends are first accepted, and the size of
     * answers to queries. All others keep the values of the start.
     *
     * @param next the whole configuration
     */
    public synchronized void reconfigure(BrokerConfig next) {
        boolean permissionChanged = next.send().permission() != permission();
        config = next;
        groups.autoCreate(next.groups().autoCreate());
        topics.autoCreate(next.topics().autoCreateTopicEnable());
        if (permissionChanged) {
            registration.registerAll();
        }
    }

    /** What clients may do: 2 write, 4 read, 6 both. */
    public int permission() {
        return config.send().permission();
    }

    private void registerHandlers(BrokerResources resources, TopicTableView topicView, SendBack sendBack) {
        ClientRelay relay = new ClientRelay(
                consumers,
                id -> storage.readRecord(MessageId.decode(id).logOffset()),
                config.identity().brokerName());
        clients.register(handlers);
        new LockHandlers(groups, locks, this::expireClientsLater).register(handlers);
        relay.register(handlers);
        sendBack.register(handlers);
        new ReplyHandlers(sendChecks, topics, producers, () -> this.config.send(), config.identity(), nowMillis)
                .register(handlers);
        delayHandlers.register(handlers);
        transactions.register(handlers);
        new GroupHandlers(groups, state.modes(), topicView, offsets::removeGroup, state::makeDurable)
                .register(handlers);
        new OffsetHandlers(offsets, groups, topicView, messages).register(handlers);
        new ResetHandlers(offsets, groups, consumers, topicView, messages, relay, config.identity(), state::makeDurable)
                .register(handlers);
        new TopicHandlers(
                        topics,
                        config.identity().brokerName(),
                        state::makeDurable,
                        registration::awaitChanges,
                        () -> config.identity().brokerId() != 0,
                        topicThroughput)
                .register(handlers);
        registerAdministration(resources, topicView);
    }

    private void registerAdministration(BrokerResources resources, TopicTableView topicView) {
        BrokerIdentity identity = config.identity();
        new ConfigHandlers(resources.settings()).register(handlers);
        new MessageHandlers(storage, messages, consumers, () -> this.config.queryMessages()).register(handlers);
        new ConsumeStatsHandlers(offsets, consumers, topicView, messages, throughput, identity, resources.clock())
                .register(handlers);
        new StatsHandlers(throughput, topicThroughput::of, offsets, identity.clusterName()).register(handlers);
        new RuntimeHandlers(
                        storage,
                        messages,
                        throughput,
                        config.schedule().levels(),
                        resources.settings(),
                        resources.disk(),
                        load(),
                        replicas::status,
                        nowMillis)
                .register(handlers);
        new MaintenanceHandlers(storage, topics).register(handlers);
        limitHandlers.register(handlers);
        dedupHandlers.register(handlers);
        replicationHandlers.register(handlers);
        NotServed.register(handlers);
    }

    private Load load() {
        return new Load(
                handlers.running(),
                this::failedSends,
                throughput.counter(this::delayedMessages, () -> 0),
                throughput.counter(delays::delivered, () -> 0));
    }

    private long delayedMessages() {
        long sum = 0;
        for (String held : List.of(ScheduleTopics.TIMERS, ScheduleTopics.LEVELS)) {
            Topic topic = topics.find(held);
            sum += topic == null ? 0 : topic.appendedMessages();
        }
        return sum;
    }

    private long failedSends() {
        return sendCounters.stream().mapToLong(SendCounters::failures).sum();
    }

    private static UniqueKey uniqueKeys(BrokerIdentity identity, Clock clock) {
        return new UniqueKey(
                identity.host().getAddress(), ProcessHandle.current().pid(), System.identityHashCode(identity), clock);
    }

    /**
     * Takes the state back, opens the ports and registers.
     *
     * @param addresses where to listen: the main address first
     * @param rocketMqConfig the {@code config} folder of RocketMQ's store, imported if the state is empty; it need not exist
     */
    public void start(List<ListenerConfig> addresses, Path rocketMqConfig) {
        state.start(RocketMqState.of(rocketMqConfig), locks, transactions::adopt);
        topics.listen(topicThroughput);
        topics.all().forEach(topicThroughput::begin);
        deadlines.start();
        if (locks.expire()) {
            expireClientsLater();
        }
        delays.start();
        storage.beforeExpiry(new CarriedRecord(storage));
        transactions.start();
        dedups.restore(storage, longestWindowMillis());
        listen(addresses);
        registration.start();
    }

    /**
     * Takes the state back, and makes the broker the slave of a RocketMQ master: it serves reads of what it has copied, delivers no
     * delayed message and checks no transaction.
     *
     * @param addresses where to listen: the main address first
     * @param calls asks the master for its tables; closed with the broker
     * @param haMasterAddress {@code host:port} of its replication port; null to take the one that nameservers name
     * @param timing of the replication stream
     */
    public void startAsSlave(
            List<ListenerConfig> addresses, Calls calls, @Nullable String haMasterAddress, StreamTiming timing) {
        ApacheFollower following = ApacheFollower.start(
                new ApacheFollower.Parts(
                        storage, topics, groups, state.modes(), offsets, calls, state::saveAdopted, nowMillis),
                haMasterAddress,
                timing);
        follower = following;
        slaveReads.ofCopy();
        state.startAsCopy(locks);
        topics.listen(topicThroughput);
        topics.all().forEach(topicThroughput::begin);
        deadlines.start();
        listen(addresses);
        registration.onAccepted(following::accepted);
        registration.start();
    }

    /**
     * Takes the state back, and serves reads of a store that the leader of its group feeds: it delivers no delayed message, checks
     * no transaction, and takes over topics, groups and offsets as they come with the log. The leader gets what consumers commit here.
     * Another role takes another broker, on the same store.
     *
     * @param addresses where to listen: the main address first
     * @param calls asks the leader
     */
    public void startAsFollower(List<ListenerConfig> addresses, Calls calls) {
        OffsetHandover giving = new OffsetHandover(
                offsets,
                this::follows,
                calls::callAndWait,
                registration::registerSoon,
                task -> Thread.ofVirtual().name("offset-handover").start(task));
        handover = giving;
        slaveReads.ofCopy();
        state.startAsFollower(locks);
        topics.listen(topicThroughput);
        topics.all().forEach(topicThroughput::begin);
        deadlines.start();
        listen(addresses);
        registration.onAccepted(giving::accepted);
        registration.start();
    }

    /** Whether the log is a copy of its leader's, as far as it has come. */
    private boolean follows() {
        return replication().status().role().equals(ReplicationStatus.SLAVE);
    }

    /**
     * Shows administrators the slaves that are connected.
     *
     * @param connected where each is
     */
    public void showSlaves(Supplier<List<ApacheMaster.SlavePosition>> connected) {
        replicas.show(connected);
    }

    /**
     * Points readers that lag by more than the memory holds to slaves, and on a slave lets them stay.
     *
     * @param there whether there is a slave that keeps up; asked for each answer with messages
     */
    public void pointToSlaves(BooleanSupplier there) {
        slaveReads.pointToSlaves(there);
    }

    /**
     * Shows administrators another replication than RocketMQ's, promotes by it, and tells it of a later master.
     *
     * @param replication how this broker's log is kept equal to others
     */
    public void replicateBy(Replication replication) {
        replicationHandlers.replicateBy(replication);
        registration.onEnded(replication::ended);
    }

    /** How this broker's log is kept equal to others. */
    public Replication replication() {
        return replicationHandlers.replication();
    }

    /** The memory of all topics' unique keys. */
    public DedupMemory dedupMemory() {
        return dedups.memory();
    }

    /** The topics in which duplicates are found, in the order of their names. */
    public List<DedupState> dedupStates() {
        return dedupHandlers.all();
    }

    private long longestWindowMillis() {
        return topics.all().stream().mapToLong(Topic::dedupMillis).max().orElse(0);
    }

    private void listen(List<ListenerConfig> addresses) {
        LoopService[] services = new LoopService[loops.count()];
        for (int i = 0; i < services.length; i++) {
            services[i] = service(loops.loop(i));
        }
        for (ListenerConfig address : addresses) {
            listeners.add(Listener.start(address, loops, loop -> services[loop.index()]));
        }
    }

    private LoopService service(Loop loop) {
        LoopReplies replies = new LoopReplies(onewayRefusals, DiskRefusal::of);
        SendCounters sends = new SendCounters(throughput);
        PullCounters pulls = new PullCounters(throughput);
        sendCounters.add(sends);
        pullCounters.add(pulls);
        PullChecks checks =
                new PullChecks(() -> this.config.pull(), this::permission, topics, groups, consumers, offsets);
        PullHandler pullHandler = new PullHandler(new PullCore<>(
                checks,
                storage,
                loop,
                new PullAnswers(replies),
                pulls,
                slaveReads,
                nowMillis,
                System::nanoTime,
                arrived));
        pullHandlers.add(pullHandler);
        return new Dispatcher(
                        handlers,
                        replies,
                        task -> Thread.ofVirtual().name("request").start(task),
                        connection -> new Session(connection.remote()),
                        clients)
                .inPlace(
                        sendHandler(loop, replies, sends),
                        Access.of(Resource.TOPIC, Action.PUB),
                        RequestCode.SEND_MESSAGE,
                        RequestCode.SEND_MESSAGE_V2,
                        RequestCode.SEND_BATCH_MESSAGE)
                .inPlace(
                        transactions.handler(loop, replies),
                        Access.of(Resource.TOPIC, Action.PUB),
                        RequestCode.END_TRANSACTION)
                .inPlace(
                        pullHandler,
                        Access.of(Resource.GROUP, Action.SUB),
                        RequestCode.PULL_MESSAGE,
                        RequestCode.LITE_PULL_MESSAGE);
    }

    private SendHandler sendHandler(Loop loop, LoopReplies replies, SendCounters counters) {
        BrokerIdentity identity = config.identity();
        SendAnswers answers = new SendAnswers(replies, config.send());
        HeldSends<Connection> held =
                new HeldSends<>(() -> this.config.limits(), groups, loop, System::nanoTime, heldBytes);
        RecordStager stager = new RecordStager(
                storage, topics, ownProperties, identity, config.schedule(), transactions.halves(), nowMillis);
        SendCore<Connection> core = new SendCore<>(
                sendChecks,
                topicResolver,
                stager,
                answered -> new StagedSends<>(storage, identity, loop::runOrExecute, answers, counters, answered),
                answers,
                held,
                new DuplicateSends<>(
                        dedups,
                        new FirstSends(storage, identity, config.schedule().levels()),
                        answers,
                        counters,
                        held),
                counters);
        return new SendHandler(core, answers, replies);
    }

    private void membersChanged(ConsumerGroup group) {
        locks.membersChanged(group.name());
        notifier.accept(group);
    }

    private void expireClientsLater() {
        deadlines.armNoLater(expiry, nowMillis.getAsLong() + EXPIRY_CHECK_MILLIS);
    }

    private void expireClients() {
        if (clients.expire()) {
            expireClientsLater();
        }
    }

    /** By a loop and not by the deadlines, which follow the wall clock: that may be set while somebody waits for a queue. */
    private void expireLocksIn(long millis) {
        try {
            loops.loop(0).schedule(locks::expire, millis);
        } catch (RejectedExecutionException closing) {
            LOG.debug("queue-locks-not-watched cause=\"the broker stops\"");
        }
    }

    private void flushOffsetsSoon() {
        deadlines.armNoLater(offsetFlush, nowMillis.getAsLong() + OFFSET_FLUSH_MILLIS);
    }

    private void flushOffsets() {
        OffsetHandover giving = handover;
        if (giving == null) {
            state.flushOffsets();
        } else if (giving.look()) {
            flushOffsetsSoon();
        }
    }

    private void saveAdopted() {
        try {
            state.saveAdopted();
        } catch (DiskException e) {
            LOG.warn("tables-not-saved cause=\"{}\" effect=\"the master has them\"", e.getMessage());
        }
    }

    private void sampleTraffic() {
        throughput.sample();
    }

    /** Without its timer a broker delivers no delayed message and writes no offset: as with any bug, the process ends. */
    private static void timerFailed(Throwable cause) {
        throw new IllegalStateException("a task of the timer thread failed", cause);
    }

    /** What each loop counted of its sends: one per loop. */
    public List<SendCounters> sendCounters() {
        return List.copyOf(sendCounters);
    }

    /** What each loop counted of its pulls: one per loop. */
    public List<PullCounters> pullCounters() {
        return List.copyOf(pullCounters);
    }

    /** The one-way requests that were refused. */
    public OnewayRefusals onewayRefusals() {
        return onewayRefusals;
    }

    /** The delivery of delayed messages, for those who show it. */
    public DelayService delays() {
        return delays;
    }

    /** How many delayed messages were taken back or cancelled. */
    public long cancelledDelays() {
        return delayHandlers.cancelled();
    }

    /** The rate limits with their figures, for those who show them. */
    public List<RateLimitState> limits() {
        return limitHandlers.all();
    }

    /** The topics, for those who show them. */
    public TopicTable topics() {
        return topics;
    }

    /** The committed offsets, for those who show lag. */
    public OffsetTable offsets() {
        return offsets;
    }

    /** The consumers that are connected, for those who show them. */
    public ConsumerGroups consumers() {
        return consumers;
    }

    /** The producers that are connected, for those who show them. */
    public ProducerGroups producers() {
        return producers;
    }

    /** The transactions, for those who show them. */
    public Transactions transactions() {
        return transactions;
    }

    /** How many connections there are, over all ports. */
    public int connectionCount() {
        return listeners.stream().mapToInt(Listener::connectionCount).sum();
    }

    /** What the loops answer to pulls that wait goes out before connections are closed. */
    private void stopPulls() {
        try {
            pullHandlers.forEach(PullHandler::stop);
        } catch (RejectedExecutionException closed) {
            LOG.debug("pulls-not-refused cause=\"the loops were closed before\"");
        }
    }

    /**
     * Ends as {@link #close} does, but stays registered: another broker takes its place at the same address, in another role.
     */
    public void makeWay() {
        registration.leave();
        close();
    }

    /** Writes the offsets that were committed and are not written. After {@link #close}, if the store takes them only then. */
    public void writeOffsets() {
        state.flushOffsets();
    }

    /** Unregisters from nameservers, completes requests in flight, and writes unwritten state. The store stays open. */
    @Override
    public void close() {
        registration.close();
        listeners.forEach(Listener::stopReading);
        stopPulls();
        listeners.forEach(Listener::close);
        transactions.close();
        locks.close();
        delays.close();
        deadlines.close();
        OffsetHandover giving = handover;
        if (giving != null) {
            giving.close();
        }
        state.endFollow();
        if (!storage.standsBy()) {
            state.flushOffsets();
        }
        ApacheFollower following = follower;
        if (following != null) {
            saveAdopted();
            following.close();
        }
    }
}
