package org.merlinmq.broker.send;

import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.UniqueKey;

/**
 * The properties that the broker adds to each message it stores: where and by which cluster it was stored, whether to
 * trace it, and a unique key if its sender gave none.
 *
 * <p>Threading: immutable but for the generator of keys, which is thread-safe.
 */
public final class OwnProperties {
    private static final byte[] UNIQ_KEY = Bytes.ascii("UNIQ_KEY\u0001");

    private final byte[] region;
    private final byte[] trace;
    private final byte[] cluster;
    private final byte[] allThree;
    private final UniqueKey uniqueKeys;

    /**
     * The properties of one broker.
     *
     * @param identity names the cluster
     * @param config region and trace switch
     * @param uniqueKeys for messages that bring none
     */
    public OwnProperties(BrokerIdentity identity, SendConfig config, UniqueKey uniqueKeys) {
        region = item("MSG_REGION", config.regionId());
        trace = item("TRACE_ON", Boolean.toString(config.traceOn()));
        cluster = item("CLUSTER", identity.clusterName());
        allThree = new ByteWriter(64).put(region).put(trace).put(cluster).toByteArray();
        this.uniqueKeys = uniqueKeys;
    }

    private static byte[] item(String name, String value) {
        return Bytes.utf8(name + '\u0001' + value + '\u0002');
    }

    /** Adds what {@code properties}, which begin at {@code propertiesAt} of {@code out}, do not have yet. */
    void add(SendProperties properties, ByteWriter out, int propertiesAt) {
        if (!properties.terminated) {
            out.putByte(2);
        }
        if (!properties.region && !properties.trace && !properties.cluster) {
            out.put(allThree);
        } else {
            addMissing(properties, out);
        }
        if (properties.uniqueKeyBytes == 0) {
            out.put(UNIQ_KEY);
            properties.uniqueKeyAt = out.length() - propertiesAt;
            uniqueKeys.append(out);
            properties.uniqueKeyBytes = out.length() - propertiesAt - properties.uniqueKeyAt;
            out.putByte(2);
        }
    }

    private void addMissing(SendProperties properties, ByteWriter out) {
        if (!properties.region) {
            out.put(region);
        }
        if (!properties.trace) {
            out.put(trace);
        }
        if (!properties.cluster) {
            out.put(cluster);
        }
    }
}
