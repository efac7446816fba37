package org.merlinmq.broker.registry;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
import org.merlinmq.protocol.request.RegisterBrokerRequest;
import org.merlinmq.transport.Calls;

/**
 * A nameserver over the network, ours or RocketMQ's.
 *
 * <p>Threading: any thread that may block.
 */
public final class RemoteDoor implements NameserverDoor {
    /** By which a nameserver of ours learns that nobody chose the broker's host; others pass over it. */
    private static final String AUTOMATIC_FIELD = "brokerAddrAutomatic";
    /** Bodies beyond this go out compressed, well before they meet the limit of a frame. */
    private static final int MAX_PLAIN_BYTES = 4 << 20;

    private final Calls calls;
    private final String address;

    /**
     * The way to one nameserver.
     *
     * @param calls what carries the calls
     * @param address {@code host:port} of the nameserver
     */
    public RemoteDoor(Calls calls, String address) {
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
    public Registered register(Registrant broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout)
            throws InterruptedException {
        Registrant self = reachable(broker);
        RegisterBrokerBody content = content(version, topics);
        byte[] body = content.write();
        boolean compressed = body.length > MAX_PLAIN_BYTES;
        if (compressed) {
            body = content.writeCompressed();
        }
        RegisterBrokerRequest request = new RegisterBrokerRequest(
                self.brokerName(),
                self.address(),
                self.cluster(),
                self.haAddress(),
                self.brokerId(),
                compressed,
                RegisterBrokerBody.crc(body),
                null,
                null);
        Header header = out -> {
            request.write(out);
            if (self.automatic()) {
                out.put(AUTOMATIC_FIELD, true);
            }
        };
        Frame answer = calls.callAndWait(address, Frame.request(RequestCode.REGISTER_BROKER, header, body), timeout);
        if (!answer.isOk()) {
            return new Registered(refusal(answer), null, null, null);
        }
        RegisterBrokerReply reply = RegisterBrokerReply.read(answer);
        return new Registered(null, reply.masterAddr(), reply.haServerAddr(), orderTopics(answer.body()));
    }

    private static RegisterBrokerBody content(DataVersion version, Collection<TopicConfig> topics) {
        Map<String, TopicConfig> table = LinkedHashMap.newLinkedHashMap(topics.size());
        topics.forEach(topic -> table.put(topic.topicName(), topic));
        return new RegisterBrokerBody(new TopicConfigTable(version, table), List.of());
    }

    private static String refusal(Frame answer) {
        return "code " + answer.code() + ": " + answer.remark();
    }

    /**
     * Reads which topics are ordered from the body of an answer to a registration.
     *
     * @param body the namespace ORDER_TOPIC_CONFIG, or nothing
     * @return the topics; null if nothing is said
     */
    public static @Nullable Set<String> orderTopics(byte[] body) {
        return body.length == 0 ? null : KvTable.read(body).table().keySet();
    }

    /** With the host by which this machine reaches that nameserver, unless one was chosen. */
    private Registrant reachable(Registrant broker) throws InterruptedException {
        // Connecting comes first in any case: no long body is made for a nameserver that is not there.
        InetAddress local = calls.await(calls.connection(address)).local().getAddress();
        return local == null || !broker.automatic() ? broker : broker.withHost(host(local));
    }

    private static String host(InetAddress address) {
        String text = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return text;
        }
        int zone = text.indexOf('%');
        return "[" + (zone < 0 ? text : text.substring(0, zone)) + "]";
    }

    @Override
    public boolean isCurrent(Registrant broker, DataVersion version, Duration timeout) throws InterruptedException {
        Frame request = Frame.request(RequestCode.QUERY_DATA_VERSION, header(broker), version.write());
        Frame answer = calls.callAndWait(address, request, timeout);
        return answer.isOk() && !DataVersionReply.read(answer).changed();
    }

    @Override
    public void unregister(Registrant broker, Duration timeout) throws InterruptedException {
        calls.callAndWait(address, Frame.request(RequestCode.UNREGISTER_BROKER, header(broker)), timeout);
    }

    private BrokerRequest header(Registrant broker) throws InterruptedException {
        Registrant self = reachable(broker);
        return new BrokerRequest(self.brokerName(), self.address(), self.cluster(), self.brokerId());
    }
}
