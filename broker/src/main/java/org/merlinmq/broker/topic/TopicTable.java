package org.merlinmq.broker.topic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.storage.state.StateIndex;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All topics of this broker.
 *
 * <p>A change is decided, written to the log, applied, and told to the listeners, in that order and under one lock; it
 * costs the same however many topics there are. System topics are made from the settings at each start and are not
 * written.
 *
 * <p>To start: construct, hand {@link #apply} the entries of the state, then {@link #start}.
 *
 * <p>Threading: finding on any thread without a lock; changing on any thread, event loops too, since a change waits for
 * sync of the disk: that is the caller's, where it promised durability.
 *
 * <p>Source: protocol sheets "Auto-create topic", "System topics", "Topic configuration".
 */
public final class TopicTable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicTable.class);

    private final TopicRules rules;
    private final Journal journal;
    private final Removal removal;
    private final QueueSource source;
    private final LongSupplier nowMillis;
    private final TopicIndex index = new TopicIndex();
    private final Map<String, Topic> byName = new ConcurrentHashMap<>();
    private final List<TopicListener> listeners = new CopyOnWriteArrayList<>();
    private volatile DataVersion version;

    /** Deletes what else there is of a topic, in the change that deletes it. */
    @FunctionalInterface
    public interface Removal {
        /**
         * Appends a change, together with the removal of what else belongs to the topic.
         *
         * @param topic the topic
         * @param change removes the topic
         * @throws DiskException if the disk does not take it; nothing is removed then
         */
        void append(String topic, StateChange change);
    }

    /**
     * An empty table.
     *
     * @param settings what the configuration says about topics
     * @param journal where changes are written
     * @param removal appends the deletion of a topic
     * @param source where queues come from
     * @param nowMillis the time, for the table's version
     */
    public TopicTable(
            TopicSettings settings, Journal journal, Removal removal, QueueSource source, LongSupplier nowMillis) {
        this.rules = new TopicRules(settings);
        this.journal = journal;
        this.removal = removal;
        this.source = source;
        this.nowMillis = nowMillis;
        this.version = new DataVersion(0, 0, nowMillis.getAsLong());
    }

    // ---- starting ----

    /**
     * Takes one entry of the state, when the broker starts and on a slave.
     *
     * @param type its type; those of other tables are passed over
     * @param key its key
     * @param value its value; null if it was removed
     */
    public synchronized void apply(int type, byte[] key, byte @Nullable [] value) {
        if (type == StateTypes.TOPICS_VERSION && value != null) {
            version = TopicEntry.readVersion(value);
        } else if (type == StateTypes.TOPIC) {
            String name = Bytes.text(key, 0, key.length);
            Topic topic = byName.get(name);
            if (value != null) {
                place(TopicEntry.read(name, value));
            } else if (topic != null) {
                unplace(topic);
            }
        }
    }

    /**
     * Takes one entry of the state that came with another broker's log, and tells those who listen.
     *
     * @param type its type; those of other tables are passed over
     * @param key its key
     * @param value its value; null if it was removed
     */
    public synchronized void receive(int type, byte[] key, byte @Nullable [] value) {
        if (type != StateTypes.TOPIC) {
            apply(type, key, value);
            return;
        }
        String name = Bytes.text(key, 0, key.length);
        Topic before = byName.get(name);
        apply(type, key, value);
        Topic after = byName.get(name);
        DataVersion next = nextVersion();
        version = next;
        for (TopicListener listener : listeners) {
            if (after != null) {
                listener.changed(after, next);
            } else if (before != null) {
                listener.deleted(before, next);
            }
        }
    }

    /** Makes the system topics. The table has a new version then, since the settings may have changed. */
    public synchronized void start() {
        for (TopicConfig config : rules.systemTopics()) {
            place(config);
        }
        version = nextVersion();
    }

    /**
     * Makes a topic again that has messages in the store and is not known: with the default permissions, and no more queues
     * than have messages. If the disk does not take it, it is there all the same, until the next start.
     *
     * @param name the topic
     * @param queues its highest queue's number, and one
     * @return whether it was made; false if it is there, is the broker's own, or has a name that no topic may have
     */
    public synchronized boolean restore(String name, int queues) {
        if (byName.containsKey(name) || rules.isSystem(name) || TopicRules.checkName(name) != null) {
            return false;
        }
        TopicConfig config = TopicConfig.of(name, Math.min(queues, TopicRules.MAX_QUEUES))
                .withPerm(TopicRules.READ | TopicRules.WRITE);
        try {
            write(config);
        } catch (DiskException e) {
            place(config);
        }
        return true;
    }

    /**
     * Takes over RocketMQ's {@code topics.json}; system topics and topics that are there are passed over, and, with a warning,
     * those with a name or settings that no topic can have.
     *
     * @param json the file's content
     * @return how many topics were taken over
     * @throws org.merlinmq.protocol.json.JsonException if it is no such file
     */
    public synchronized int importJson(byte[] json) {
        int taken = 0;
        for (TopicConfig config : TopicsJson.read(json)) {
            if (rules.isSystem(config.topicName()) || byName.containsKey(config.topicName())) {
                continue;
            }
            Refusal impossible = rules.checkRequested(config);
            if (impossible == null) {
                write(config);
                taken++;
            } else {
                LOG.warn("topic-not-taken-over topic={} cause=\"{}\"", config.topicName(), impossible.sentence());
            }
        }
        return taken;
    }

    /**
     * Makes this table that of a RocketMQ master, on its slave: what differs is changed, and what the master does not have is
     * deleted. System topics stay, and what no topic can be here is passed over.
     *
     * @param master the master's table
     * @throws DiskException if the disk does not take a change; those before are made
     */
    public synchronized void follow(TopicConfigTable master) {
        for (TopicConfig config : master.topicConfigTable().values()) {
            String name = config.topicName();
            Topic known = byName.get(name);
            boolean differs = known == null || !known.config().equals(config);
            if (differs && !rules.isSystem(name) && rules.checkRequested(config) == null) {
                write(config);
            }
        }
        for (Topic topic : List.copyOf(byName.values())) {
            if (!rules.isSystem(topic.name()) && !master.topicConfigTable().containsKey(topic.name())) {
                delete(topic);
            }
        }
    }

    // ---- finding ----

    /**
     * Finds a topic by a slice of a request or record.
     *
     * @param name where the name's bytes are
     * @param at the first of them
     * @param n how many
     * @return null if there is no such topic
     */
    public @Nullable Topic find(byte[] name, int at, int n) {
        return index.find(name, at, n);
    }

    /**
     * Finds a queue that clients may send to by a slice of a request, if it was asked for before: what nearly all sends do, and
     * cheaper with many topics than by way of the topic.
     *
     * @param name where the topic's name is
     * @param at the first of its bytes
     * @param n how many
     * @param queueId the queue's number, any
     * @return null if there is none at hand: the topic says what there is
     */
    public @Nullable Queue findOpen(byte[] name, int at, int n, int queueId) {
        return index.find(name, at, n, queueId);
    }

    /**
     * Finds a topic by name.
     *
     * @param name the name
     * @return null if there is no such topic
     */
    public @Nullable Topic find(String name) {
        return byName.get(name);
    }

    /** All topics, system topics too, as they are now and as they change: a live view in no order. */
    public Collection<Topic> all() {
        return Collections.unmodifiableCollection(byName.values());
    }

    /** All configurations by name. */
    List<TopicConfig> configs() {
        List<TopicConfig> configs = new ArrayList<>();
        byName.values().forEach(topic -> configs.add(topic.config()));
        configs.sort(Comparator.comparing(TopicConfig::topicName));
        return configs;
    }

    /**
     * The version of the table: another one after each change.
     *
     * @return the version as it is now
     */
    public DataVersion version() {
        return version;
    }

    /** The rules that this table follows: names, numbers and system topics. */
    public TopicRules rules() {
        return rules;
    }

    /**
     * Tells somebody of each change from now on.
     *
     * @param listener whom to tell
     */
    public void listen(TopicListener listener) {
        listeners.add(listener);
    }

    // ---- changing ----

    /**
     * Creates a topic or changes its configuration, as an operator asks.
     *
     * @param wanted the configuration; its attributes are edits: {@code +name} or {@code name} sets, {@code -name}
     *     removes, others stay
     * @return what came of it
     */
    public TopicChange put(TopicConfig wanted) {
        return put(wanted, AttributeEdits.parse(wanted.attributes()));
    }

    TopicChange put(TopicConfig wanted, AttributeEdits edits) {
        Refusal refusal = rules.checkRequested(wanted);
        if (refusal != null) {
            return new TopicChange.Refused(refusal);
        }
        synchronized (this) {
            Topic topic = byName.get(wanted.topicName());
            Map<String, String> current =
                    topic == null ? Map.of() : topic.config().attributes();
            refusal = edits.check(current, topic == null, rules.settings().enableMixedMessageType());
            if (refusal != null) {
                return new TopicChange.Refused(refusal);
            }
            return change(topic, with(wanted, wanted.topicSysFlag(), edits.apply(current)));
        }
    }

    /**
     * Creates a topic on the first send to it, after the pattern of another.
     *
     * @param name the new topic
     * @param pattern the topic whose queues and permissions it gets, as the producer names it; usually TBW102
     * @param queues how many queues the producer would like
     * @param unit whether the producer belongs to a unit
     * @return the topic (which may have been created by somebody else meanwhile), or why there is none
     */
    public TopicChange createOnSend(String name, String pattern, int queues, boolean unit) {
        Topic there = byName.get(name);
        if (there != null) {
            return new TopicChange.Unchanged(there);
        }
        Refusal refusal = name.equals(StateIndex.TOPIC_NAME) ? rules.checkChangeable(name) : TopicRules.checkName(name);
        if (refusal != null) {
            return new TopicChange.Refused(refusal);
        }
        if (name.startsWith(TopicRules.RETRY_PREFIX)) {
            int flag = unit ? TopicRules.UNIT_SUBSCRIBED : 0;
            return createIfTaken(name, 1, TopicRules.READ | TopicRules.WRITE, flag);
        }
        Topic model = byName.get(pattern);
        if (model == null || (model.config().perm() & TopicRules.INHERIT) == 0) {
            return new TopicChange.Refused(new Refusal(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "The topic " + name + " does not exist and is not created on first send: "
                            + (model == null
                                    ? "there is no topic " + pattern + " to take its settings from."
                                    : "topic " + pattern + " may not be inherited from.")
                            + " Create it with updateTopic, or set autoCreateTopicEnable=true."));
        }
        int count = Math.max(1, Math.min(queues, model.config().writeQueueNums()));
        int perm = model.config().perm() & ~TopicRules.INHERIT;
        return createIfTaken(name, count, perm, unit ? TopicRules.UNIT : 0);
    }

    private TopicChange createIfTaken(String name, int queues, int perm, int sysFlag) {
        try {
            return create(name, queues, perm, sysFlag);
        } catch (DiskException e) {
            return new TopicChange.Refused(notWritten(name, e));
        }
    }

    /**
     * Creates a topic that the broker itself needs, or that a group needs for its retries and dead letters.
     *
     * @param name the topic
     * @param queues queues to read and to write
     * @param perm permission bits
     * @param sysFlag unit bits
     * @return the topic, which stays as it is if it is there, or why its name is refused
     * @throws DiskException if the disk does not take it
     */
    public TopicChange create(String name, int queues, int perm, int sysFlag) {
        Topic there = byName.get(name);
        if (there != null) {
            return new TopicChange.Unchanged(there);
        }
        Refusal refusal = TopicRules.checkName(name);
        if (refusal != null) {
            return new TopicChange.Refused(refusal);
        }
        TopicConfig config = withSysFlag(TopicConfig.of(name, queues).withPerm(perm), sysFlag);
        synchronized (this) {
            Topic topic = byName.get(name);
            return topic != null ? new TopicChange.Unchanged(topic) : new TopicChange.Changed(write(config));
        }
    }

    /**
     * Changes whether a send to an unknown topic creates it, by the permission to inherit from {@link
     * TopicRules#DEFAULT_TOPIC}. Until the next start: system topics are made anew from the settings.
     *
     * @param allowed autoCreateTopicEnable
     */
    public synchronized void autoCreate(boolean allowed) {
        Topic pattern = byName.get(TopicRules.DEFAULT_TOPIC);
        if (pattern != null) {
            int perm = pattern.config().perm() & ~TopicRules.INHERIT;
            change(pattern, pattern.config().withPerm(allowed ? perm | TopicRules.INHERIT : perm));
        }
    }

    /**
     * Sets one of the unit bits of a topic, as a consumer's heartbeat says.
     *
     * @param topic the topic
     * @param sysFlag the bits it is to have
     */
    public synchronized void sysFlag(Topic topic, int sysFlag) {
        if (!topic.deleted()) {
            change(topic, withSysFlag(topic.config(), sysFlag));
        }
    }

    /**
     * Marks the topics that nameservers say are ordered, and no others.
     *
     * @param ordered the names of ordered topics; those that are not here are passed over
     * @return why some are not marked: to be tried again; null if all are
     */
    public synchronized @Nullable Refusal order(Set<String> ordered) {
        Refusal refusal = null;
        for (Topic topic : byName.values()) {
            TopicConfig config = topic.config();
            boolean order = ordered.contains(topic.name());
            if (order != config.order()
                    && change(topic, config.withOrder(order)) instanceof TopicChange.Refused refused) {
                refusal = refused.refusal();
            }
        }
        return refusal;
    }

    /**
     * Deletes a topic with its queues and what groups have committed in it; deleting one that is not there is fine.
     *
     * @param name the topic
     * @return null if it is gone; else why not
     */
    public @Nullable Refusal delete(String name) {
        Refusal refusal = name.isBlank() ? TopicRules.checkName(name) : null;
        if (refusal == null && rules.isSystem(name)) {
            refusal = rules.checkChangeable(name);
        }
        if (refusal != null) {
            return refusal;
        }
        synchronized (this) {
            try {
                Topic topic = byName.get(name);
                if (topic != null) {
                    delete(topic);
                }
                return null;
            } catch (DiskException e) {
                return notWritten(name, e);
            }
        }
    }

    /** From before its end is written no queue of it is made any more: it would be one of the next topic of that name. */
    private void delete(Topic topic) {
        DataVersion next = nextVersion();
        boolean written = false;
        topic.deleted(true);
        try {
            removal.append(topic.name(), withVersion(removed(topic.name()), next));
            written = true;
        } finally {
            topic.deleted(written);
        }
        version = next;
        unplace(topic);
        listeners.forEach(listener -> listener.deleted(topic, next));
    }

    /**
     * A topic's entry in the state.
     *
     * @param config the topic
     * @return the change that sets it
     */
    public static StateChange entry(TopicConfig config) {
        return new StateChange().put(StateTypes.TOPIC, StateTypes.key(config.topicName()), TopicEntry.write(config));
    }

    /**
     * The entry of the table's version.
     *
     * @param version the version
     * @return the change that sets it
     */
    public static StateChange entry(DataVersion version) {
        return withVersion(new StateChange(), version);
    }

    private static StateChange removed(String topic) {
        return new StateChange().remove(StateTypes.TOPIC, StateTypes.key(topic));
    }

    private static StateChange withVersion(StateChange change, DataVersion version) {
        return change.put(StateTypes.TOPICS_VERSION, StateTypes.NO_NAME, TopicEntry.write(version));
    }

    /**
     * Ends queues that no topic owns.
     *
     * @param names names of queues that lie in the store; those that are a topic, or the broker's own, are passed over
     * @return how many were ended
     */
    public synchronized int deleteUnowned(Collection<String> names) {
        List<String> unowned = names.stream()
                .filter(name -> !byName.containsKey(name) && !rules.isSystem(name))
                .toList();
        unowned.forEach(name -> removal.append(name, removed(name)));
        return unowned.size();
    }

    private static TopicConfig withSysFlag(TopicConfig config, int sysFlag) {
        return with(config, sysFlag, config.attributes());
    }

    private static TopicConfig with(TopicConfig config, int sysFlag, Map<String, String> attributes) {
        return new TopicConfig(
                config.topicName(),
                config.readQueueNums(),
                config.writeQueueNums(),
                config.perm(),
                config.topicFilterType(),
                sysFlag,
                config.order(),
                attributes);
    }

    private TopicChange change(@Nullable Topic topic, TopicConfig config) {
        if (topic != null && topic.config().equals(config)) {
            return new TopicChange.Unchanged(topic);
        }
        try {
            return new TopicChange.Changed(write(config));
        } catch (DiskException e) {
            return new TopicChange.Refused(notWritten(config.topicName(), e));
        }
    }

    private static Refusal notWritten(String topic, DiskException cause) {
        return new Refusal(
                ResponseCode.SERVICE_NOT_AVAILABLE,
                "The topic " + topic + " stays as it was, since the disk did not take the change: "
                        + cause.getMessage());
    }

    private Topic write(TopicConfig config) {
        DataVersion next = nextVersion();
        if (!rules.isSystem(config.topicName())) {
            journal.append(withVersion(entry(config), next));
        }
        version = next;
        Topic topic = place(config);
        listeners.forEach(listener -> listener.changed(topic, next));
        return topic;
    }

    private DataVersion nextVersion() {
        return version.next(nowMillis.getAsLong());
    }

    private Topic place(TopicConfig config) {
        Topic topic = byName.get(config.topicName());
        if (topic == null) {
            topic = new Topic(config, rules, source);
            index.add(topic);
            byName.put(topic.name(), topic);
        } else {
            topic.configure(config);
            index.changed(topic);
        }
        return topic;
    }

    private void unplace(Topic topic) {
        topic.deleted(true);
        byName.remove(topic.name());
        index.remove(topic);
    }
}
