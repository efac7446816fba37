package org.merlinmq.nameserver;

import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.RegisterBrokerBody;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.body.TopicList;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.reply.AddPermReply;
import org.merlinmq.protocol.reply.DataVersionReply;
import org.merlinmq.protocol.reply.RegisterBrokerReply;
import org.merlinmq.protocol.reply.ValueReply;
import org.merlinmq.protocol.reply.WipePermReply;
import org.merlinmq.protocol.request.BrokerHeartbeatRequest;
import org.merlinmq.protocol.request.BrokerMemberGroupRequest;
import org.merlinmq.protocol.request.BrokerNameRequest;
import org.merlinmq.protocol.request.BrokerRequest;
import org.merlinmq.protocol.request.ClusterRequest;
import org.merlinmq.protocol.request.ForgetTopicRequest;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.protocol.request.NamespaceRequest;
import org.merlinmq.protocol.request.PutValueRequest;
import org.merlinmq.protocol.request.RegisterBrokerRequest;
import org.merlinmq.protocol.request.ValueRequest;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;
import org.merlinmq.transport.dispatch.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles each request to a nameserver, except the route query, which {@link RouteQueries} answers.
 *
 * <p>Threading: any thread.
 *
 * <p>Format: docs/wire. Source: protocol sheets "Nameserver" and "Cluster, nameserver, KV, write permission".
 */
final class NameserverHandlers {
    private static final Logger LOG = LoggerFactory.getLogger(NameserverHandlers.class);

    private static final Set<RequestCode> LISTS = EnumSet.of(
            RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER,
            RequestCode.GET_TOPICS_BY_CLUSTER,
            RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS,
            RequestCode.GET_UNIT_TOPIC_LIST,
            RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST,
            RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST);

    private static final TopicConfigTable NO_TOPICS = new TopicConfigTable(new DataVersion(0, 0, 0), Map.of());
    private static final int UNIT = 1;
    private static final int UNIT_SUBSCRIBED = 2;

    private final RouteRegistry registry;
    private final KvConfig kv;
    private final SettingsStore settings;
    private final BrokerRegistrar registrar;
    private final LongSupplier nowMillis;

    NameserverHandlers(
            RouteRegistry registry,
            KvConfig kv,
            SettingsStore settings,
            BrokerRegistrar registrar,
            LongSupplier nowMillis) {
        this.registry = registry;
        this.kv = kv;
        this.settings = settings;
        this.registrar = registrar;
        this.nowMillis = nowMillis;
    }

    /** Registers all but the route query; those that wait for the disk, and the one with a long body, as blocking. */
    void register(Handlers handlers) {
        Access get = Access.of(Resource.CLUSTER, Action.GET);
        Access update = Access.of(Resource.CLUSTER, Action.UPDATE);
        handlers.blocking(RequestCode.REGISTER_BROKER, update, this::register)
                .on(RequestCode.UNREGISTER_BROKER, update, request -> unregister(request.frame()))
                .on(RequestCode.QUERY_DATA_VERSION, update, request -> queryDataVersion(request.frame()))
                .on(RequestCode.BROKER_HEARTBEAT, update, request -> heartbeat(request.frame()))
                .on(RequestCode.GET_BROKER_CLUSTER_INFO, get, request -> Answer.ok(registry.clusters(host(request))))
                .on(RequestCode.GET_BROKER_MEMBER_GROUP, get, this::members)
                .on(RequestCode.WIPE_WRITE_PERM_OF_BROKER, update, request -> wipeWritePerm(request.frame()))
                .on(RequestCode.ADD_WRITE_PERM_OF_BROKER, update, request -> addWritePerm(request.frame()))
                .blocking(RequestCode.PUT_KV_CONFIG, update, request -> keyValue(RequestCode.PUT_KV_CONFIG, request))
                .blocking(
                        RequestCode.DELETE_KV_CONFIG,
                        update,
                        request -> keyValue(RequestCode.DELETE_KV_CONFIG, request))
                .on(RequestCode.GET_KV_CONFIG, get, request -> keyValue(RequestCode.GET_KV_CONFIG, request))
                .on(
                        RequestCode.GET_KVLIST_BY_NAMESPACE,
                        get,
                        request -> keyValue(RequestCode.GET_KVLIST_BY_NAMESPACE, request))
                .on(RequestCode.GET_NAMESRV_CONFIG, get, request -> Answer.ok(settings.text()))
                .blocking(RequestCode.UPDATE_NAMESRV_CONFIG, update, request -> updateConfig(request.frame()))
                .on(
                        RequestCode.DELETE_TOPIC_IN_NAMESRV,
                        Access.of(Resource.TOPIC, Action.DELETE),
                        request -> deleteTopic(request.frame()))
                .on(
                        RequestCode.REGISTER_TOPIC_IN_NAMESRV,
                        Access.of(Resource.TOPIC, Action.CREATE),
                        request -> registerTopic(request.frame()));
        for (RequestCode code : LISTS) {
            handlers.on(code, Access.of(Resource.TOPIC, Action.LIST), request -> listTopics(code, request));
        }
    }

    private static String host(Request request) {
        return Requester.at(request.connection()).localHost();
    }

    /** The faults that are no bugs of ours: arguments that are none, and the disk. */
    static @Nullable Refusal refusal(int code, Connection connection, Throwable fault) {
        if (fault instanceof IllegalArgumentException) {
            return new Refusal(ResponseCode.SYSTEM_ERROR, RequestCode.of(code) + ": " + fault.getMessage());
        }
        if (fault instanceof UncheckedIOException e) {
            LOG.error(
                    "nameserver-disk-failed code={} remote={} error=\"{}\" cause=\"{}\"",
                    code,
                    connection.remote(),
                    e.getMessage(),
                    e.getCause());
            return new Refusal(ResponseCode.SYSTEM_ERROR, e.getMessage() + ": " + e.getCause());
        }
        return null;
    }

    /** A connection has ended: so has the lease of the broker that registered by it. */
    void closed(Connection connection) {
        registry.connectionClosed(connection)
                .forEach(lease -> LOG.warn(
                        "broker-gone {} reason=connection-closed remote={} cure=\"it registers again within 30 s if it"
                                + " lives\"",
                        lease,
                        connection.remote()));
    }

    // ---- brokers

    private Answer register(Request request) {
        Answer answer = register(Requester.at(request.connection()), request.frame());
        if (!request.connection().isOpen()) {
            // It may have closed before the registration was in the table.
            registry.connectionClosed(request.connection());
        }
        return answer;
    }

    private Answer members(Request request) {
        BrokerMemberGroupRequest group = BrokerMemberGroupRequest.read(request);
        return Answer.ok(registry.members(group.clusterName(), group.brokerName(), host(request)));
    }

    private Answer wipeWritePerm(Frame request) {
        return Answer.ok(new WipePermReply(
                registry.wipeWritePerm(BrokerNameRequest.read(request).brokerName())));
    }

    private Answer addWritePerm(Frame request) {
        return Answer.ok(new AddPermReply(
                registry.addWritePerm(BrokerNameRequest.read(request).brokerName())));
    }

    private Answer register(Requester requester, Frame request) {
        RegisterBrokerRequest header = RegisterBrokerRequest.read(request);
        byte[] bytes = request.body();
        if (header.bodyCrc32() != 0 && header.bodyCrc32() != RegisterBrokerBody.crc(bytes)) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "crc32 not match: the body was damaged on its way");
        }
        TopicConfigTable topics = bytes.length == 0
                ? NO_TOPICS
                : RegisterBrokerBody.read(bytes, header.compressed(), request.version())
                        .topics();
        String haServer = header.haServerAddr();
        BrokerAddress address = address(requester, request, header.brokerAddr());
        BrokerRegistration broker = new BrokerRegistration(
                header.clusterName(),
                header.brokerName(),
                header.brokerId(),
                address,
                haServer == null ? address : haAddress(requester, request, header.brokerAddr(), haServer),
                Objects.requireNonNullElse(header.heartbeatTimeoutMillis(), BrokerRegistration.DEFAULT_LEASE_MILLIS),
                Boolean.TRUE.equals(header.enableActingMaster()),
                topics.dataVersion(),
                topics.topicConfigTable().values(),
                requester.connection(),
                GroupLead.read(request));
        return switch (registrar.register(broker)) {
            case RegistrationOutcome.Refused refused -> {
                GroupLead by = refused.endedBy();
                yield Answer.of(ResponseCode.SYSTEM_ERROR, refused.sentence(), by == null ? null : by::write);
            }
            case RegistrationOutcome.Accepted accepted ->
                Answer.ok(
                        new RegisterBrokerReply(
                                advertised(accepted.haServer(), requester), advertised(accepted.master(), requester)),
                        registrar.orderTopicsBody());
        };
    }

    private static @Nullable String advertised(@Nullable BrokerAddress address, Requester requester) {
        return address == null ? null : address.advertisedTo(requester.localHost());
    }

    /**
     * An address of the registering broker. A broker of ours that was given no address sets a field: its host is then the
     * one that each client reached if the broker is on this machine, and the host that the registration came from if not.
     */
    private static BrokerAddress address(Requester requester, Frame request, String text) {
        if (!request.flagOr(BrokerRegistrar.AUTOMATIC_FIELD, false) || requester.remote() == null) {
            return BrokerAddress.fixed(text);
        }
        return requester.remote().isLoopbackAddress()
                ? BrokerAddress.onThisHost(text)
                : BrokerAddress.atSender(text, requester.remote());
    }

    /** As the broker's own; one on another host was configured, though the broker's was not. */
    private static BrokerAddress haAddress(Requester requester, Frame request, String broker, String haServer) {
        boolean oneHost = BrokerAddress.hostOf(broker).equals(BrokerAddress.hostOf(haServer));
        return oneHost ? address(requester, request, haServer) : BrokerAddress.fixed(haServer);
    }

    private Answer unregister(Frame request) {
        BrokerRequest broker = BrokerRequest.read(request);
        registrar.unregister(broker.clusterName(), broker.brokerAddr(), broker.brokerName());
        return Answer.ok();
    }

    private Answer queryDataVersion(Frame request) {
        BrokerRequest broker = BrokerRequest.read(request);
        DataVersion asked = DataVersion.read(request.body());
        DataVersion known = registrar.queryDataVersion(broker.clusterName(), broker.brokerAddr(), asked);
        byte[] body = known == null ? new byte[0] : known.write();
        return Answer.ok(new DataVersionReply(!asked.equals(known)), body);
    }

    private Answer heartbeat(Frame request) {
        BrokerHeartbeatRequest broker = BrokerHeartbeatRequest.read(request);
        registry.heartbeat(broker.clusterName(), broker.brokerAddr(), nowMillis.getAsLong());
        return Answer.ok();
    }

    // ---- topics

    private Answer deleteTopic(Frame request) {
        ForgetTopicRequest header = ForgetTopicRequest.read(request);
        registry.deleteTopic(header.topic(), header.clusterName());
        return Answer.ok();
    }

    private Answer registerTopic(Frame request) {
        String topic = request.text("topic");
        if (topic == null) {
            // The Node client means "read a value" by this number.
            return Answer.refuse(
                    ResponseCode.QUERY_NOT_FOUND, "request 217 registers a topic; request 101 reads values");
        }
        registry.registerTopic(topic, TopicRoute.read(request.body()).queueDatas());
        return Answer.ok();
    }

    private Answer listTopics(RequestCode code, Request request) {
        NameserverSettings now = settings.current();
        boolean all = code == RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER;
        if (all ? !now.enableAllTopicList() : !now.enableTopicList()) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "disable");
        }
        Predicate<QueueRoute> unit = queue -> (queue.topicSysFlag() & UNIT) != 0;
        Predicate<QueueRoute> unitSubscribed = queue -> (queue.topicSysFlag() & UNIT_SUBSCRIBED) != 0;
        Collection<String> names = switch (code) {
            case GET_TOPICS_BY_CLUSTER ->
                registry.topicNamesOf(ClusterRequest.read(request).cluster());
            case GET_SYSTEM_TOPIC_LIST_FROM_NS -> registry.systemTopics();
            case GET_UNIT_TOPIC_LIST -> registry.topicNames(unit);
            case GET_HAS_UNIT_SUB_TOPIC_LIST -> registry.topicNames(unitSubscribed);
            case GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST -> registry.topicNames(unitSubscribed.and(unit.negate()));
            default -> registry.topicNames(queue -> true);
        };
        String broker = code == RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS
                ? advertised(registry.anyBroker(), Requester.at(request.connection()))
                : null;
        return Answer.ok(new TopicList(broker, List.copyOf(names)).write());
    }

    // ---- keys, values, settings

    private Answer keyValue(RequestCode code, Request request) {
        return switch (code) {
            case GET_KVLIST_BY_NAMESPACE -> {
                String namespace = NamespaceRequest.read(request).namespace();
                byte[] body = kv.listBody(namespace);
                yield body != null ? Answer.ok(body) : noValue("namespace " + namespace);
            }
            case GET_KV_CONFIG -> {
                ValueRequest of = ValueRequest.read(request);
                String value = kv.value(of.namespace(), of.key());
                yield value != null
                        ? Answer.ok(new ValueReply(value))
                        : noValue("key " + of.key() + " in namespace " + of.namespace());
            }
            case PUT_KV_CONFIG -> {
                PutValueRequest put = PutValueRequest.read(request);
                kv.put(put.namespace(), put.key(), put.value());
                yield changed(put.namespace());
            }
            default -> {
                ValueRequest of = ValueRequest.read(request);
                kv.delete(of.namespace(), of.key());
                yield changed(of.namespace());
            }
        };
    }

    private Answer changed(String namespace) {
        if (namespace.equals(KvConfig.ORDER_TOPICS)) {
            registry.invalidateAnswers();
        }
        return Answer.ok();
    }

    private static Answer noValue(String what) {
        return Answer.refuse(ResponseCode.QUERY_NOT_FOUND, "There is no " + what + ".");
    }

    private Answer updateConfig(Frame request) {
        Map<String, String> changes = PropertiesText.read(request.body());
        String fixed = SettingsStore.fixedKey(changes);
        if (fixed != null) {
            return Answer.refuse(
                    ResponseCode.NO_PERMISSION, "The setting " + fixed + " cannot change while the nameserver runs.");
        }
        settings.change(changes);
        registry.invalidateAnswers();
        LOG.info("settings-changed {}", changes);
        return Answer.ok();
    }
}
