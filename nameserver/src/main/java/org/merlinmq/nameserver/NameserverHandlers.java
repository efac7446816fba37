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
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.json.JsonException;
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
import org.merlinmq.protocol.request.NamespaceRequest;
import org.merlinmq.protocol.request.PutValueRequest;
import org.merlinmq.protocol.request.RegisterBrokerRequest;
import org.merlinmq.protocol.request.ValueRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles each request to a nameserver, except the route query, which {@link NameserverService} answers.
 *
 * <p>Threading: any thread; requests for which {@link #isSlow} is true may block and must not run on an event loop.
 *
 * <p>Format: docs/wire. Source: protocol sheets "Nameserver" and "Cluster, nameserver, KV, write permission".
 */
final class NameserverHandlers {
    private static final Logger LOG = LoggerFactory.getLogger(NameserverHandlers.class);

    /** Requests that wait for the disk, and the one whose body may be long. */
    private static final Set<RequestCode> SLOW = EnumSet.of(
            RequestCode.PUT_KV_CONFIG,
            RequestCode.DELETE_KV_CONFIG,
            RequestCode.UPDATE_NAMESRV_CONFIG,
            RequestCode.REGISTER_BROKER);

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

    static boolean isSlow(RequestCode code) {
        return SLOW.contains(code);
    }

    /** Answers a request; the caller drops the answer of a one-way request. */
    Reply answer(Requester requester, Frame request) {
        RequestCode code = RequestCode.of(request.code());
        try {
            return code == null ? unsupported(request) : answer(code, requester, request);
        } catch (FieldException | JsonException | IllegalArgumentException e) {
            return Reply.refuse(ResponseCode.SYSTEM_ERROR, code + ": " + e.getMessage());
        } catch (UncheckedIOException e) {
            LOG.error("nameserver-disk-failed code={} error=\"{}\" cause=\"{}\"", code, e.getMessage(), e.getCause());
            return Reply.refuse(ResponseCode.SYSTEM_ERROR, e.getMessage() + ": " + e.getCause());
        }
    }

    private static Reply unsupported(Frame request) {
        return Reply.refuse(
                ResponseCode.REQUEST_CODE_NOT_SUPPORTED, " request type " + request.code() + " not supported");
    }

    private Reply answer(RequestCode code, Requester requester, Frame request) {
        return switch (code) {
            case REGISTER_BROKER -> register(requester, request);
            case UNREGISTER_BROKER -> unregister(request);
            case QUERY_DATA_VERSION -> queryDataVersion(request);
            case BROKER_HEARTBEAT -> heartbeat(request);
            case GET_BROKER_CLUSTER_INFO -> Reply.ok(registry.clusters(requester.localHost()));
            case GET_BROKER_MEMBER_GROUP -> {
                BrokerMemberGroupRequest group = BrokerMemberGroupRequest.read(request);
                yield Reply.ok(registry.members(group.clusterName(), group.brokerName(), requester.localHost()));
            }
            case WIPE_WRITE_PERM_OF_BROKER -> {
                int count =
                        registry.wipeWritePerm(BrokerNameRequest.read(request).brokerName());
                yield Reply.ok(new WipePermReply(count));
            }
            case ADD_WRITE_PERM_OF_BROKER -> {
                int count =
                        registry.addWritePerm(BrokerNameRequest.read(request).brokerName());
                yield Reply.ok(new AddPermReply(count));
            }
            case DELETE_TOPIC_IN_NAMESRV -> deleteTopic(request);
            case REGISTER_TOPIC_IN_NAMESRV -> registerTopic(request);
            case GET_ALL_TOPIC_LIST_FROM_NAMESERVER,
                    GET_TOPICS_BY_CLUSTER,
                    GET_SYSTEM_TOPIC_LIST_FROM_NS,
                    GET_UNIT_TOPIC_LIST,
                    GET_HAS_UNIT_SUB_TOPIC_LIST,
                    GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST -> listTopics(code, requester, request);
            case PUT_KV_CONFIG, GET_KV_CONFIG, DELETE_KV_CONFIG, GET_KVLIST_BY_NAMESPACE -> keyValue(code, request);
            case GET_NAMESRV_CONFIG -> Reply.ok(settings.text());
            case UPDATE_NAMESRV_CONFIG -> updateConfig(request);
            default -> unsupported(request);
        };
    }

    // ---- brokers

    private Reply register(Requester requester, Frame request) {
        RegisterBrokerRequest header = RegisterBrokerRequest.read(request);
        byte[] bytes = request.body();
        if (header.bodyCrc32() != 0 && header.bodyCrc32() != RegisterBrokerBody.crc(bytes)) {
            return Reply.refuse(ResponseCode.SYSTEM_ERROR, "crc32 not match: the body was damaged on its way");
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
                haServer == null ? address : address(requester, request, haServer),
                Objects.requireNonNullElse(header.heartbeatTimeoutMillis(), BrokerRegistration.DEFAULT_LEASE_MILLIS),
                Boolean.TRUE.equals(header.enableActingMaster()),
                topics.dataVersion(),
                topics.topicConfigTable().values(),
                requester.connection());
        return switch (registrar.register(broker)) {
            case RegistrationOutcome.Refused refused -> Reply.refuse(ResponseCode.SYSTEM_ERROR, refused.sentence());
            case RegistrationOutcome.Accepted accepted ->
                Reply.ok(
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

    private Reply unregister(Frame request) {
        BrokerRequest broker = BrokerRequest.read(request);
        registrar.unregister(broker.clusterName(), broker.brokerAddr(), broker.brokerName());
        return Reply.ok();
    }

    private Reply queryDataVersion(Frame request) {
        BrokerRequest broker = BrokerRequest.read(request);
        DataVersion asked = DataVersion.read(request.body());
        DataVersion known = registrar.queryDataVersion(broker.clusterName(), broker.brokerAddr(), asked);
        byte[] body = known == null ? new byte[0] : known.write();
        return Reply.ok(new DataVersionReply(!asked.equals(known)), body);
    }

    private Reply heartbeat(Frame request) {
        BrokerHeartbeatRequest broker = BrokerHeartbeatRequest.read(request);
        registry.heartbeat(broker.clusterName(), broker.brokerAddr(), nowMillis.getAsLong());
        return Reply.ok();
    }

    // ---- topics

    private Reply deleteTopic(Frame request) {
        ForgetTopicRequest header = ForgetTopicRequest.read(request);
        registry.deleteTopic(header.topic(), header.clusterName());
        return Reply.ok();
    }

    private Reply registerTopic(Frame request) {
        String topic = request.text("topic");
        if (topic == null) {
            // The Node client means "read a value" by this number.
            return Reply.refuse(
                    ResponseCode.QUERY_NOT_FOUND, "request 217 registers a topic; request 101 reads values");
        }
        registry.registerTopic(topic, TopicRoute.read(request.body()).queueDatas());
        return Reply.ok();
    }

    private Reply listTopics(RequestCode code, Requester requester, Frame request) {
        NameserverSettings now = settings.current();
        boolean all = code == RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER;
        if (all ? !now.enableAllTopicList() : !now.enableTopicList()) {
            return Reply.refuse(ResponseCode.SYSTEM_ERROR, "disable");
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
        String broker =
                code == RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS ? advertised(registry.anyBroker(), requester) : null;
        return Reply.ok(new TopicList(broker, List.copyOf(names)).write());
    }

    // ---- keys, values, settings

    private Reply keyValue(RequestCode code, Frame request) {
        return switch (code) {
            case GET_KVLIST_BY_NAMESPACE -> {
                String namespace = NamespaceRequest.read(request).namespace();
                byte[] body = kv.listBody(namespace);
                yield body != null ? Reply.ok(body) : noValue("namespace " + namespace);
            }
            case GET_KV_CONFIG -> {
                ValueRequest of = ValueRequest.read(request);
                String value = kv.value(of.namespace(), of.key());
                yield value != null
                        ? Reply.ok(new ValueReply(value))
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

    private Reply changed(String namespace) {
        if (namespace.equals(KvConfig.ORDER_TOPICS)) {
            registry.invalidateAnswers();
        }
        return Reply.ok();
    }

    private static Reply noValue(String what) {
        return Reply.refuse(ResponseCode.QUERY_NOT_FOUND, "There is no " + what + ".");
    }

    private Reply updateConfig(Frame request) {
        Map<String, String> changes = PropertiesText.read(request.body());
        String fixed = SettingsStore.fixedKey(changes);
        if (fixed != null) {
            return Reply.refuse(
                    ResponseCode.NO_PERMISSION, "The setting " + fixed + " cannot change while the nameserver runs.");
        }
        settings.change(changes);
        registry.invalidateAnswers();
        LOG.info("settings-changed {}", changes);
        return Reply.ok();
    }
}
