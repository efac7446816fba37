package org.merlinmq.broker.registry;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.KvTable;
import org.merlinmq.protocol.body.RegisterBrokerBody;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.reply.DataVersionReply;
import org.merlinmq.protocol.reply.RegisterBrokerReply;
import org.merlinmq.protocol.request.BrokerRequest;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.protocol.request.RegisterBrokerRequest;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A nameserver over the network, ours or RocketMQ's. Where its host name leads is looked up again with each registration
 * of all topics.
 *
 * <p>Threading: any thread that may block.
 */
public final class RemoteNameserverClient implements NameserverClient {
    /** Marks a broker whose host nobody configured, for a nameserver of ours; others ignore it. */
    private static final String AUTOMATIC_FIELD = "brokerAddrAutomatic";
    /** Longer bodies are compressed, well before they reach the limit of a frame. */
    private static final int MAX_PLAIN_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(RemoteNameserverClient.class);

    private final Calls calls;
    private final String address;
    private volatile Runnable lost = () -> {};

    /** The connection whose end is heard of; null before the first, and while another one is made in its place. */
    private volatile @Nullable Connection watched;

    /**
     * A client of one nameserver.
     *
     * @param calls sends the requests
     * @param address {@code host:port} of the nameserver
     */
    public RemoteNameserverClient(Calls calls, String address) {
        this.calls = calls;
        this.address = address;
    }

    @Override
    public String name() {
        return address;
    }

    @Override
    public boolean mayBlock() {
        return true;
    }

    @Override
    public void onLost(Runnable listener) {
        lost = listener;
    }

    @Override
    public RegistrationResult register(
            BrokerIdentity broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout)
            throws InterruptedException {
        if (topics.size() != 1 && calls.disconnectIfMoved(address)) {
            watched = null;
            LOG.info("nameserver-moved nameserver={} action=\"registered where its host name leads now\"", address);
        }
        BrokerIdentity self = reachable(broker);
        RegisterBrokerBody content = content(version, topics);
        byte[] body = content.write();
        boolean compressed = body.length > MAX_PLAIN_BYTES;
        if (compressed) {
            body = content.writeCompressed();
        }
        RegisterBrokerRequest request = new RegisterBrokerRequest(
                self.brokerName(),
                self.address(),
                self.clusterName(),
                self.haAddress(),
                self.brokerId(),
                compressed,
                RegisterBrokerBody.crc(body),
                null,
                null);
        GroupLead lead = self.lead();
        Header header = out -> {
            request.write(out);
            if (self.automaticHost()) {
                out.put(AUTOMATIC_FIELD, true);
            }
            if (lead != null) {
                lead.write(out);
            }
        };
        Frame answer = calls.callAndWait(address, Frame.request(RequestCode.REGISTER_BROKER, header, body), timeout);
        if (!answer.isOk()) {
            return new RegistrationResult(refusal(answer), null, null, null, GroupLead.read(answer));
        }
        RegisterBrokerReply reply = RegisterBrokerReply.read(answer);
        return new RegistrationResult(
                null, orderTopics(answer.body()), known(reply.masterAddr()), known(reply.haServerAddr()));
    }

    /** RocketMQ's nameserver may answer with an empty text where there is none. */
    private static @Nullable String known(@Nullable String address) {
        return address == null || address.isBlank() ? null : address;
    }

    private static RegisterBrokerBody content(DataVersion version, Collection<TopicConfig> topics) {
        Map<String, TopicConfig> table = LinkedHashMap.newLinkedHashMap(topics.size());
        topics.forEach(topic -> table.put(topic.topicName(), topic));
        return new RegisterBrokerBody(new TopicConfigTable(version, table), List.of());
    }

    private static String refusal(Frame answer) {
        return "code " + answer.code() + ": " + answer.remark();
    }

    /** The keys of the namespace ORDER_TOPIC_CONFIG; null if the body is empty. */
    private static @Nullable Set<String> orderTopics(byte[] body) {
        return body.length == 0 ? null : KvTable.read(body).table().keySet();
    }

    /** The broker with the host by which this machine reaches the nameserver, unless one was configured. */
    private BrokerIdentity reachable(BrokerIdentity broker) throws InterruptedException {
        // Connecting comes first in any case: no long body is made for a nameserver that is not there.
        Connection connection = calls.await(calls.connection(address));
        watch(connection);
        InetAddress local = connection.local().getAddress();
        return local == null || !broker.automaticHost() ? broker : broker.withHost(local);
    }

    @SuppressWarnings("ReferenceEquality") // the very same connection
    private void watch(Connection connection) {
        if (watched != connection) {
            watched = connection;
            connection.whenClosed(() -> {
                if (watched == connection) {
                    lost.run();
                }
            });
        }
    }

    @Override
    public boolean isCurrent(BrokerIdentity broker, DataVersion version, Duration timeout) throws InterruptedException {
        Frame request = Frame.request(RequestCode.QUERY_DATA_VERSION, header(broker), version.write());
        Frame answer = calls.callAndWait(address, request, timeout);
        return answer.isOk() && !DataVersionReply.read(answer).changed();
    }

    @Override
    public void unregister(BrokerIdentity broker, Duration timeout) throws InterruptedException {
        calls.callAndWait(address, Frame.request(RequestCode.UNREGISTER_BROKER, header(broker)), timeout);
    }

    private BrokerRequest header(BrokerIdentity broker) throws InterruptedException {
        BrokerIdentity self = reachable(broker);
        return new BrokerRequest(self.brokerName(), self.address(), self.clusterName(), self.brokerId());
    }
}
