package org.merlinmq.broker.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.limit.LimitRules;
import org.merlinmq.broker.limit.LimitedGroups;
import org.merlinmq.broker.limit.RateLimit;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How each consumer group is configured.
 *
 * <p>A group that a request of a consumer names for the first time is made with the defaults, if
 * autoCreateSubscriptionGroup allows it: {@link #findOrCreate} is what each such request goes through. A group is made
 * with its retry topic. Each change is one record of the state log.
 *
 * <p>Threading: look-ups on any thread, without a lock and, by bytes, without garbage; changes under this object's
 * monitor.
 */
public final class GroupTable implements LimitedGroups {
    private static final Logger LOG = LoggerFactory.getLogger(GroupTable.class);

    /** The bit of RocketMQ's forbiddenTable that stands for reading. */
    private static final int FORBIDS_READING = 1 << 2;

    private static final byte[] NO_BYTES = {};

    private final Journal journal;
    private final LongSupplier nowMillis;
    private volatile boolean autoCreate;
    private final Topics topics;
    private final NameTable<SubscriptionGroup> groups = new NameTable<>();

    /** Of groups that have, or had, a limit. */
    private final NameTable<RateLimit> sendLimits = new NameTable<>();

    private final NameTable<RateLimit> deliverLimits = new NameTable<>();
    private volatile boolean limitSends;
    private volatile boolean limitDeliveries;

    /** Topics by group, replaced as a whole at each change; empty almost always. */
    private volatile Map<String, Set<String>> forbidden = Map.of();

    private volatile DataVersion version;

    /**
     * A table with the broker's own groups.
     *
     * @param journal where changes are written
     * @param nowMillis the wall clock
     * @param autoCreate make groups that clients name (autoCreateSubscriptionGroup)
     * @param topics takes the groups' retry topics
     */
    public GroupTable(Journal journal, LongSupplier nowMillis, boolean autoCreate, Topics topics) {
        this.journal = journal;
        this.nowMillis = nowMillis;
        this.autoCreate = autoCreate;
        this.topics = topics;
        this.version = new DataVersion(0, 0, nowMillis.getAsLong());
        GroupRules.SYSTEM.forEach(name -> groups.put(name, SubscriptionGroup.of(name)));
    }

    /**
     * Changes whether groups that clients name are made.
     *
     * @param allowed autoCreateSubscriptionGroup
     */
    public void autoCreate(boolean allowed) {
        autoCreate = allowed;
    }

    /**
     * A group by the bytes of its name.
     *
     * @param name where the name stands
     * @param at its first byte
     * @param length its length
     * @return null if there is none
     */
    public @Nullable SubscriptionGroup find(byte[] name, int at, int length) {
        return groups.find(name, at, length);
    }

    /**
     * A group.
     *
     * @param name its name
     * @return null if there is none
     */
    public @Nullable SubscriptionGroup find(String name) {
        return groups.find(name);
    }

    /**
     * A group that a client's request names, made with its retry topic if there is none. Where the disk does not take a new
     * one, the client reads and commits with the defaults all the same, and the next request makes the group.
     *
     * @param name its name
     * @return null if there is none and none is to be made: autoCreateSubscriptionGroup is off, or it is no name
     */
    public @Nullable SubscriptionGroup findOrCreate(String name) {
        SubscriptionGroup known = groups.find(name);
        return known != null ? known : create(name, false);
    }

    /**
     * As {@link #findOrCreate}, for a heartbeat: the retry topic of a group that exists is made again if it is missing.
     *
     * @param name the group
     * @param unit whether a new retry topic is marked as subscribed to by a unit
     * @return null if there is none and none is to be made
     */
    public @Nullable SubscriptionGroup findOrCreateWithRetryTopic(String name, boolean unit) {
        SubscriptionGroup known = groups.find(name);
        if (known == null) {
            return create(name, unit);
        }
        try {
            makeRetryTopic(known, unit);
        } catch (DiskException e) {
            LOG.debug("retry-topic-not-made group={} cause=\"{}\"", name, e.getMessage());
        }
        return known;
    }

    private @Nullable SubscriptionGroup create(String name, boolean unit) {
        if (!(autoCreate || GroupRules.isSystem(name)) || GroupRules.check(name) != null) {
            return null;
        }
        SubscriptionGroup made = SubscriptionGroup.of(name);
        try {
            if (!GroupRules.isSystem(name)) {
                makeRetryTopic(made, unit);
            }
            synchronized (this) {
                SubscriptionGroup known = groups.find(name);
                return known != null ? known : put(made);
            }
        } catch (DiskException e) {
            // The store itself reports a full or failing disk; this happens for each request until then.
            LOG.debug("group-not-made group={} cause=\"{}\"", name, e.getMessage());
            return made;
        }
    }

    /**
     * Before the group, so that a group that exists has one, whatever fails in between. False if the group's name, of an
     * older store, leaves no room for that of a retry topic.
     */
    private boolean makeRetryTopic(SubscriptionGroup group, boolean unit) {
        return topics.findOrCreate(
                        Topics.RETRY + group.groupName(),
                        Math.max(1, group.retryQueueNums()),
                        Topics.READ_WRITE,
                        unit ? Topics.UNIT_SUBSCRIPTION : 0)
                != null;
    }

    /**
     * Makes the retry topics of groups that were made without: by an administrator before, or by another broker. One that
     * the disk does not take now is made by the group's next heartbeat.
     */
    public void makeRetryTopics() {
        for (SubscriptionGroup group : groups.values()) {
            try {
                if (!GroupRules.isSystem(group.groupName()) && !makeRetryTopic(group, false)) {
                    LOG.warn(
                            "retry-topic-not-made group={} cause=\"{}\"",
                            group.groupName(),
                            whyNone(group.groupName()));
                }
            } catch (DiskException e) {
                LOG.warn("retry-topic-not-made group={} cause=\"{}\"", group.groupName(), e.getMessage());
            }
        }
    }

    /**
     * Why {@link #findOrCreate} gives no group of a name.
     *
     * @param name the name
     * @return a sentence with the cure
     */
    public String whyNone(String name) {
        Refusal bad = GroupRules.check(name);
        return bad != null
                ? bad.sentence()
                : "the group " + name + " does not exist and autoCreateSubscriptionGroup is off: create it with 'merlin"
                        + " group create'";
    }

    /**
     * Creates or replaces a group. Attributes are given with a sign: {@code +name} sets, {@code -name} removes, others
     * stay.
     *
     * @param group its settings, under a name that {@link GroupRules} allows
     */
    void update(SubscriptionGroup group) {
        if (!GroupRules.isSystem(group.groupName())) {
            makeRetryTopic(group, false);
        }
        replace(group);
    }

    private synchronized void replace(SubscriptionGroup group) {
        SubscriptionGroup known = groups.find(group.groupName());
        Map<String, String> attributes = new TreeMap<>(known == null ? Map.of() : known.attributes());
        group.attributes().forEach((name, value) -> {
            if (name.startsWith("-")) {
                attributes.remove(name.substring(1));
            } else {
                attributes.put(name.startsWith("+") ? name.substring(1) : name, value);
            }
        });
        SubscriptionGroup next = normal(group.withAttributes(attributes).write());
        if (!next.equals(known)) {
            put(next);
        }
    }

    /** As it is read again later: what is absent is written in full. */
    private static SubscriptionGroup normal(byte[] record) {
        return SubscriptionGroup.read(record);
    }

    private SubscriptionGroup put(SubscriptionGroup group) {
        byte[] record = group.write();
        journal.append(new StateChange().put(StateTypes.GROUP, StateTypes.key(group.groupName()), record));
        SubscriptionGroup kept = normal(record);
        groups.put(kept.groupName(), kept);
        limit(kept.groupName(), kept.attributes());
        version = version.next(nowMillis.getAsLong());
        return kept;
    }

    /** A limit stays once it is there: while sends wait for it none may pass them by. */
    private void limit(String group, Map<String, String> attributes) {
        limit(sendLimits, group, LimitRules.rates(attributes, LimitRules.SEND));
        limit(deliverLimits, group, LimitRules.rates(attributes, LimitRules.DELIVER));
        limitSends = !sendLimits.values().isEmpty();
        limitDeliveries = !deliverLimits.values().isEmpty();
    }

    private static void limit(NameTable<RateLimit> limits, String group, RateLimit.Rates rates) {
        RateLimit known = limits.find(group);
        if (known != null) {
            known.set(rates);
        } else if (!rates.none()) {
            RateLimit made = new RateLimit(RateLimit.Kind.GROUP, group);
            made.set(rates);
            limits.put(group, made);
        }
    }

    @Override
    public boolean limitSends() {
        return limitSends;
    }

    @Override
    public @Nullable RateLimit sendLimit(byte[] name, int at, int length) {
        return sendLimits.find(name, at, length);
    }

    /** Whether what is given to any group is or was limited: if not, none need be looked up. */
    public boolean limitDeliveries() {
        return limitDeliveries;
    }

    /**
     * How fast messages may be given to a group.
     *
     * @param group the group
     * @return null if it has no such limit
     */
    public @Nullable RateLimit deliverLimit(String group) {
        return deliverLimits.find(group);
    }

    /**
     * The limits of groups, those that were taken off among them.
     *
     * @param sends true for those of their sends, false for those of deliveries to them
     * @return a view
     */
    public java.util.Collection<RateLimit> limits(boolean sends) {
        return (sends ? sendLimits : deliverLimits).values();
    }

    /** As below, and nothing is removed with it. */
    synchronized boolean remove(String name) {
        return remove(name, journal);
    }

    /**
     * Deletes a group; one that does not exist is no error, the broker's own stay.
     *
     * @param name its name
     * @param into takes the change, and may remove more with the group
     * @return whether it was there
     */
    public synchronized boolean remove(String name, Journal into) {
        if (groups.find(name) == null || GroupRules.isSystem(name)) {
            return false;
        }
        StateChange change = new StateChange().remove(StateTypes.GROUP, StateTypes.key(name));
        forbidden
                .getOrDefault(name, Set.of())
                .forEach(topic -> change.remove(StateTypes.FORBIDDEN, StateTypes.key(name, topic)));
        into.append(change);
        groups.remove(name);
        limit(name, Map.of());
        allowAll(name);
        version = version.next(nowMillis.getAsLong());
        return true;
    }

    /**
     * Whether a group may read a topic.
     *
     * @param group the group
     * @param topic the topic
     * @return false if it was forbidden
     */
    public boolean mayRead(String group, String topic) {
        Map<String, Set<String>> now = forbidden;
        if (now.isEmpty()) {
            return true;
        }
        Set<String> topics = now.get(group);
        return topics == null || !topics.contains(topic);
    }

    /** Forbids a group a topic, or allows it again. */
    synchronized void allow(String group, String topic, boolean readable) {
        byte[] key = StateTypes.key(group, topic);
        StateChange change = new StateChange();
        journal.append(
                readable ? change.remove(StateTypes.FORBIDDEN, key) : change.put(StateTypes.FORBIDDEN, key, NO_BYTES));
        applyForbidden(group, topic, readable);
        version = version.next(nowMillis.getAsLong());
    }

    private void applyForbidden(String group, String topic, boolean readable) {
        Set<String> topics = new TreeSet<>(forbidden.getOrDefault(group, Set.of()));
        if (readable) {
            topics.remove(topic);
        } else {
            topics.add(topic);
        }
        Map<String, Set<String>> next = new TreeMap<>(forbidden);
        next.put(group, Set.copyOf(topics));
        next.values().removeIf(Set::isEmpty);
        forbidden = Map.copyOf(next);
    }

    private void allowAll(String group) {
        Map<String, Set<String>> next = new TreeMap<>(forbidden);
        next.remove(group);
        forbidden = Map.copyOf(next);
    }

    /**
     * All groups, as RocketMQ writes them to {@code subscriptionGroup.json} and answers request 201.
     *
     * @return the table
     */
    public synchronized SubscriptionGroupTable table() {
        Map<String, SubscriptionGroup> all = new TreeMap<>();
        groups.values().forEach(group -> all.put(group.groupName(), group));
        Map<String, Map<String, Integer>> denied = new TreeMap<>();
        forbidden.forEach((group, topics) -> {
            Map<String, Integer> bits = new TreeMap<>();
            topics.forEach(topic -> bits.put(topic, FORBIDS_READING));
            denied.put(group, bits);
        });
        return new SubscriptionGroupTable(version, denied, all);
    }

    /**
     * Takes over the groups of a RocketMQ broker.
     *
     * @param text the text of its {@code subscriptionGroup.json}
     * @return the names of those that were not taken over, since no group can have that name or these settings
     */
    public synchronized List<String> importJson(byte[] text) {
        List<String> left = new ArrayList<>();
        SubscriptionGroupTable read = SubscriptionGroupTable.read(text);
        read.subscriptionGroupTable().forEach((name, group) -> {
            if (GroupRules.check(group) == null && name.equals(group.groupName())) {
                put(group);
            } else {
                left.add(name);
            }
        });
        read.forbiddenTable()
                .forEach((group, topics) -> topics.forEach((topic, bits) -> {
                    if ((bits & FORBIDS_READING) != 0) {
                        allow(group, topic, false);
                    }
                }));
        return left;
    }

    /**
     * Makes this table that of a RocketMQ master, on its slave: what differs is changed, and what the master does not have is
     * removed. The broker's own groups stay, and what no group can be here is passed over.
     *
     * @param master the master's table
     */
    public synchronized void follow(SubscriptionGroupTable master) {
        Map<String, SubscriptionGroup> theirs = master.subscriptionGroupTable();
        theirs.forEach((name, group) -> {
            boolean possible = GroupRules.check(group) == null && name.equals(group.groupName());
            if (possible && !normal(group.write()).equals(groups.find(name))) {
                put(group);
            }
        });
        for (SubscriptionGroup group : List.copyOf(groups.values())) {
            if (!theirs.containsKey(group.groupName())) {
                remove(group.groupName());
            }
        }
        Map<String, Set<String>> before = forbidden;
        before.forEach((group, topics) -> topics.stream()
                .filter(topic -> !forbids(master, group, topic))
                .forEach(topic -> allow(group, topic, true)));
        master.forbiddenTable()
                .forEach((group, topics) -> topics.keySet().stream()
                        .filter(topic -> forbids(master, group, topic) && mayRead(group, topic))
                        .forEach(topic -> allow(group, topic, false)));
    }

    private static boolean forbids(SubscriptionGroupTable table, String group, String topic) {
        int bits = table.forbiddenTable().getOrDefault(group, Map.of()).getOrDefault(topic, 0);
        return (bits & FORBIDS_READING) != 0;
    }

    /**
     * Takes one entry of the state, when the broker starts and on a slave.
     *
     * @param type its type; those of other tables are passed over
     * @param key its key
     * @param value its value; null if it was removed
     */
    public synchronized void apply(int type, byte[] key, byte @Nullable [] value) {
        if (type == StateTypes.GROUP && value != null) {
            SubscriptionGroup group = SubscriptionGroup.read(value);
            groups.put(group.groupName(), group);
            limit(group.groupName(), group.attributes());
        } else if (type == StateTypes.GROUP) {
            groups.remove(Bytes.text(key, 0, key.length));
            limit(Bytes.text(key, 0, key.length), Map.of());
        } else if (type == StateTypes.FORBIDDEN) {
            ByteBuffer names = ByteBuffer.wrap(key);
            applyForbidden(StateTypes.name(names), StateTypes.name(names), value == null);
        } else {
            return;
        }
        version = version.next(nowMillis.getAsLong());
    }
}
