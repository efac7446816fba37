package org.merlinmq.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.registry.NameserverClient;
import org.merlinmq.broker.registry.RegistrationConfig;
import org.merlinmq.broker.registry.RegistrationResult;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.KvTable;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.replication.apache.ApacheSlave;
import org.merlinmq.replication.apache.StreamTiming;
import org.merlinmq.storage.CopyStart;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.transport.CallFailedException;
import org.merlinmq.transport.Calls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the store of a slave that has none begin where that of its RocketMQ master does, so that it gets all that is there:
 * RocketMQ's own slaves begin with the last segment. A store that is there goes on where it ends.
 *
 * <p>Without its master such a slave has nothing to serve: it waits for it.
 */
final class CopyBeginning {
    private static final Logger LOG = LoggerFactory.getLogger(CopyBeginning.class);
    private static final long RETRY_SECONDS = 2;

    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final String SEGMENT_SIZE = "mappedFileSizeCommitLog";
    private static final String LOG_BEGINS = "commitLogMinOffset";

    private final BrokerIdentity identity;
    private final List<NameserverClient> nameservers;
    private final Calls calls;
    private final @Nullable String configured;
    private final Clock clock;
    private final long segmentBytes;
    private String reported = "";

    /**
     * A search for a master.
     *
     * @param identity of the slave
     * @param nameservers know the master
     * @param calls asks it for its settings
     * @param configured {@code host:port} of the master's replication port; null if nameservers say
     * @param clock the wall clock
     * @param segmentBytes the size that the slave's segments are to have
     */
    CopyBeginning(
            BrokerIdentity identity,
            List<NameserverClient> nameservers,
            Calls calls,
            @Nullable String configured,
            Clock clock,
            long segmentBytes) {
        this.identity = identity;
        this.nameservers = nameservers;
        this.calls = calls;
        this.configured = configured;
        this.clock = clock;
        this.segmentBytes = segmentBytes;
    }

    /** Returns when there is a store to open. */
    void make(StorageConfig kept) throws StartRefusal {
        if (Storage.isIn(kept.folder()) || holdsFiles(kept.commitLogFolder())) {
            return;
        }
        long begin = find();
        if (begin % segmentBytes != 0) {
            throw StartRefusal.failed("a segment of the master's log begins at " + begin
                    + ", which is no multiple of " + segmentBytes + "; set " + SEGMENT_SIZE
                    + " (storage.segment) to what the master has");
        }
        if (begin > 0) {
            Storage.begin(kept, StoreEnvironment.of(new RealDisk(), clock), CopyStart.ofLogAlone(begin, segmentBytes));
        }
        LOG.info("copy-begins logOffset={}", begin);
    }

    private static boolean holdsFiles(Path folder) throws StartRefusal {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isPresent();
        } catch (IOException e) {
            throw StartRefusal.failed(folder + " cannot be read (" + e.getMessage() + "); make it readable");
        }
    }

    private long find() throws StartRefusal {
        try {
            while (true) {
                RegistrationResult known = registered();
                String address = configured != null ? configured : known == null ? null : known.masterReplication();
                if (address == null) {
                    report("no nameserver names a master of the broker name " + identity.brokerName());
                } else {
                    try {
                        return find(address, known == null ? null : known.master());
                    } catch (IOException e) {
                        report(address + ": " + e.getMessage());
                    }
                }
                TimeUnit.SECONDS.sleep(RETRY_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StartRefusal.failed("the start was interrupted");
        }
    }

    private long find(String address, @Nullable String master) throws IOException, StartRefusal, InterruptedException {
        long last = ApacheSlave.beginning(address, StreamTiming.defaults());
        checkSegments(master);
        Long first = master == null ? null : firstOf(master);
        if (first == null && last > 0) {
            LOG.warn(
                    "copy-of-last-segment logOffset={} cause=\"{} does not say where its log begins\" effect=\"older messages"
                            + " are not copied\"",
                    last,
                    master == null ? address : master);
        }
        return first == null ? last : first;
    }

    private @Nullable Long firstOf(String master) throws InterruptedException {
        try {
            Frame answer = calls.callAndWait(master, Frame.request(RequestCode.GET_BROKER_RUNTIME_INFO, null), ANSWER);
            String first = answer.isOk() ? KvTable.read(answer.body()).table().get(LOG_BEGINS) : null;
            return first == null ? null : Math.max(0, Long.parseLong(first)); // without any segment it is -1
        } catch (CallFailedException | JsonException | NumberFormatException e) {
            LOG.warn("master-not-asked master={} cause=\"{}\"", master, e.getMessage());
            return null;
        }
    }

    /** By registering without topics: the answer to a slave names its master. */
    private @Nullable RegistrationResult registered() throws InterruptedException {
        DataVersion none = new DataVersion(0, 0, clock.millis());
        Duration timeout = RegistrationConfig.defaults().callTimeout();
        for (NameserverClient nameserver : nameservers) {
            try {
                RegistrationResult answer = nameserver.register(identity, none, List.of(), timeout);
                if (answer.master() != null) {
                    return answer;
                }
            } catch (CallFailedException e) {
                report(nameserver.name() + ": " + e.getMessage());
            }
        }
        return null;
    }

    /** In segments of another size the master's records would have no place, and the size of a store never changes. */
    private void checkSegments(@Nullable String master) throws StartRefusal, InterruptedException {
        String theirs = master == null ? null : segmentsOf(master);
        if (theirs != null && !theirs.equals(Long.toString(segmentBytes))) {
            throw StartRefusal.failed("the master at " + master + " has segments of " + theirs
                    + " bytes, and this slave is to have " + segmentBytes + "; set " + SEGMENT_SIZE + '=' + theirs);
        }
    }

    private @Nullable String segmentsOf(String master) throws InterruptedException {
        try {
            Frame answer = calls.callAndWait(master, Frame.request(RequestCode.GET_BROKER_CONFIG, null), ANSWER);
            return answer.isOk() ? PropertiesText.read(answer.body()).get(SEGMENT_SIZE) : null;
        } catch (CallFailedException | JsonException e) {
            LOG.warn(
                    "master-not-asked master={} cause=\"{}\" effect=\"whether its segments have the size of those here is"
                            + " not known\"",
                    master,
                    e.getMessage());
            return null;
        }
    }

    private void report(String why) {
        if (!why.equals(reported)) {
            reported = why;
            LOG.warn("master-awaited cause=\"{}\" effect=\"this slave has nothing to serve yet\"", why);
        }
    }
}
