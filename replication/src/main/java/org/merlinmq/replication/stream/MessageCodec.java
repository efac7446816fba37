package org.merlinmq.replication.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.merlinmq.replication.stream.Message.Ack;
import org.merlinmq.replication.stream.Message.Admitted;
import org.merlinmq.replication.stream.Message.Ask;
import org.merlinmq.replication.stream.Message.Bits256;
import org.merlinmq.replication.stream.Message.Chunk;
import org.merlinmq.replication.stream.Message.CopyPart;
import org.merlinmq.replication.stream.Message.Heartbeat;
import org.merlinmq.replication.stream.Message.Hello;
import org.merlinmq.replication.stream.Message.Opening;
import org.merlinmq.replication.stream.Message.Promise;
import org.merlinmq.replication.stream.Message.Proof;
import org.merlinmq.replication.stream.Message.Refusal;
import org.merlinmq.replication.stream.Message.Welcome;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * The bytes of messages between members of a broker group.
 *
 * <pre>
 *  0 "MRPL"   4   no RocketMQ slave's first report begins so: it would be a log offset above 5 EiB
 *  4 version  1   1
 *  5 type     1
 *  6 zero     2
 *  8 length   4   of the body
 * 12 crc32c   4   of all before, and of the body
 * 16 body
 * </pre>
 *
 * <p>A later version may append fields to a body: what lies behind the known ones is ignored. What an older version could not
 * read gets a new version number, and is refused by it.
 *
 * <p>Threading: any thread; no state.
 *
 * <p>Format: big-endian; docs/wire/replication.md.
 */
public final class MessageCodec {
    /** The first byte of each message. */
    public static final byte FIRST_BYTE = 'M';

    /** What comes before each body. */
    public static final int HEAD_BYTES = 16;

    /** What comes before the bytes of the log in a chunk. */
    public static final int CHUNK_HEAD_BYTES = HEAD_BYTES + 32;

    /** The longest body that is taken. */
    public static final int MAX_BODY_BYTES = 8 << 20;

    /** The most log bytes, or bytes of a copy's entries, in one message. */
    public static final int MAX_PAYLOAD_BYTES = 4 << 20;

    /** The most epochs of a log. */
    public static final int MAX_EPOCHS = 1 << 16;

    private static final int MAX_SENTENCE_BYTES = 4096;
    private static final int MAGIC = 0x4D52504C;
    private static final int VERSION = 1;

    /** Refusals are the same in all versions: so each hears why another one does not speak with it. */
    private static final int REFUSAL_VERSION = 1;

    private static final int TYPE_AT = 5;
    private static final int LENGTH_AT = 8;
    private static final int CRC_AT = 12;
    private static final int EPOCH_BYTES = 12;

    private static final int HELLO = 1;
    private static final int WELCOME = 2;
    private static final int REFUSAL = 3;
    private static final int CHUNK = 4;
    private static final int HEARTBEAT = 5;
    private static final int ACK = 6;
    private static final int COPY_PART = 7;
    private static final int ASK = 8;
    private static final int PROMISE = 9;
    private static final int ADMITTED = 10;
    private static final int OPENING = 11;
    private static final int PROOF = 12;

    /** The most members whose copies count; their numbers are bytes. */
    private static final int MAX_MEMBERS = 256;

    private MessageCodec() {}

    /**
     * Writes a message.
     *
     * @param message the message
     * @return its bytes, ready to be sent
     */
    public static ByteBuffer encode(Message message) {
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + maxBodyBytes(message));
        out.position(HEAD_BYTES);
        int type = putBody(message, out);
        out.flip();
        seal(out, type);
        return out;
    }

    /**
     * Makes a {@link Chunk} of bytes of the log where they lie, without a copy.
     *
     * @param frame from its position to its limit: room for {@link #CHUNK_HEAD_BYTES}, then the bytes of the log, at least one
     * @param epoch the leader's
     * @param logOffset of the first byte
     * @param publishedEnd where the leader's log ends
     * @param confirmedEnd up to where enough members have it
     */
    public static void sealChunk(ByteBuffer frame, int epoch, long logOffset, long publishedEnd, long confirmedEnd) {
        ByteBuffer out = frame.slice();
        int count = out.limit() - CHUNK_HEAD_BYTES;
        out.putInt(HEAD_BYTES, epoch).putLong(HEAD_BYTES + 4, logOffset);
        out.putLong(HEAD_BYTES + 12, publishedEnd).putLong(HEAD_BYTES + 20, confirmedEnd);
        out.putInt(HEAD_BYTES + 28, count);
        seal(out, CHUNK);
    }

    /** Puts the head before a body. */
    private static void seal(ByteBuffer out, int type) {
        out.putInt(0, MAGIC)
                .put(4, (byte) versionOf(type))
                .put(TYPE_AT, (byte) type)
                .putShort(6, (short) 0);
        out.putInt(LENGTH_AT, out.limit() - HEAD_BYTES);
        out.putInt(CRC_AT, crc(out));
    }

    private static int versionOf(int type) {
        return type == REFUSAL ? REFUSAL_VERSION : VERSION;
    }

    private static int maxBodyBytes(Message message) {
        return switch (message) {
            case Hello hello -> 64 + EPOCH_BYTES * hello.epochs().size();
            case Welcome welcome -> 64 + EPOCH_BYTES * welcome.epochs().size();
            case Promise promise -> 64 + EPOCH_BYTES * promise.epochs().size();
            case Chunk chunk -> 64 + chunk.bytes().length;
            case CopyPart part -> 64 + part.bytes().length;
            case Refusal refusal -> 64 + sentence(refusal).length;
            case Heartbeat _ -> 64;
            case Ack _ -> 64;
            case Ask _ -> 64;
            case Admitted _ -> 64;
            case Opening opening -> 64 + Integer.BYTES * opening.members().size();
            case Proof _ -> 64;
        };
    }

    private static byte[] sentence(Refusal refusal) {
        byte[] bytes = refusal.sentence().getBytes(StandardCharsets.UTF_8);
        return bytes.length <= MAX_SENTENCE_BYTES ? bytes : Arrays.copyOf(bytes, MAX_SENTENCE_BYTES);
    }

    /** Puts the body; returns its type. */
    private static int putBody(Message message, ByteBuffer out) {
        return switch (message) {
            case Hello hello -> {
                putHello(hello, out);
                yield HELLO;
            }
            case Welcome welcome -> {
                putWelcome(welcome, out);
                yield WELCOME;
            }
            case Refusal refusal -> {
                out.putInt(refusal.epoch()).putInt(refusal.leader());
                byte[] sentence = sentence(refusal);
                out.putInt(sentence.length).put(sentence);
                yield REFUSAL;
            }
            case Chunk chunk -> {
                out.putInt(chunk.epoch()).putLong(chunk.logOffset());
                out.putLong(chunk.publishedEnd()).putLong(chunk.confirmedEnd());
                out.putInt(chunk.bytes().length).put(chunk.bytes());
                yield CHUNK;
            }
            case Heartbeat heartbeat -> {
                out.putInt(heartbeat.epoch()).putLong(heartbeat.publishedEnd());
                out.putLong(heartbeat.confirmedEnd()).putLong(heartbeat.sentMillis());
                yield HEARTBEAT;
            }
            case Ack ack -> {
                out.putInt(ack.epoch()).putLong(ack.received());
                out.putLong(ack.written()).putLong(ack.flushed()).putLong(ack.heartbeatMillis());
                yield ACK;
            }
            case CopyPart part -> {
                putCopyPart(part, out);
                yield COPY_PART;
            }
            case Ask ask -> {
                out.putInt(ask.member()).putInt(ask.epoch()).putLong(ask.group());
                yield ASK;
            }
            case Promise promise -> {
                putPromise(promise, out);
                yield PROMISE;
            }
            case Admitted admitted -> {
                out.putInt(admitted.epoch());
                yield ADMITTED;
            }
            case Opening opening -> {
                putOpening(opening, out);
                yield OPENING;
            }
            case Proof proof -> {
                proof.bits().put(out);
                yield PROOF;
            }
        };
    }

    private static void putHello(Hello hello, ByteBuffer out) {
        out.putInt(hello.member()).putInt(hello.epoch()).putLong(hello.group());
        out.putLong(hello.begin()).putLong(hello.end()).putLong(hello.segmentBytes());
        putFlag(hello.newcomer(), out);
        putEpochs(hello.epochs(), out);
    }

    private static void putWelcome(Welcome welcome, ByteBuffer out) {
        out.putInt(welcome.epoch()).putLong(welcome.group());
        out.putLong(welcome.end()).putLong(welcome.goOnAt());
        putFlag(welcome.copy(), out);
        out.putInt(welcome.checkedBytes()).putInt(welcome.checkedCrc32c());
        putEpochs(welcome.epochs(), out);
    }

    private static void putPromise(Promise promise, ByteBuffer out) {
        out.putInt(promise.member()).putInt(promise.epoch()).putLong(promise.group());
        out.putLong(promise.begin()).putLong(promise.end());
        putFlag(promise.doubtful(), out);
        putEpochs(promise.epochs(), out);
    }

    private static void putOpening(Opening opening, ByteBuffer out) {
        out.putInt(opening.member()).putInt(opening.copies());
        putFlag(opening.flushed(), out);
        out.putInt(opening.members().size());
        opening.members().forEach(out::putInt);
        opening.challenge().put(out);
    }

    private static void putCopyPart(CopyPart part, ByteBuffer out) {
        out.putInt(part.epoch()).putLong(part.logOffset());
        out.putLong(part.segmentBytes()).putLong(part.stateLogOffset());
        putFlag(part.ofQueues(), out);
        putFlag(part.last(), out);
        out.putInt(part.entries()).putInt(part.bytes().length).put(part.bytes());
    }

    private static void putFlag(boolean set, ByteBuffer out) {
        out.put((byte) (set ? 1 : 0));
    }

    private static void putEpochs(List<Epoch> epochs, ByteBuffer out) {
        out.putInt(epochs.size());
        epochs.forEach(epoch -> out.putInt(epoch.number()).putLong(epoch.logOffset()));
    }

    /**
     * How long the body is that follows a head. Nothing of the body is looked at, so that its room can be bounded first.
     *
     * @param head at least {@link #HEAD_BYTES}, from its position on; not moved
     * @return bytes
     * @throws BrokenStreamException if it is no head of this version
     */
    public static int bodyBytes(ByteBuffer head) {
        int at = head.position();
        if (head.getInt(at) != MAGIC) {
            throw new BrokenStreamException("expected a message between members of a broker group, found the bytes "
                    + Integer.toHexString(head.getInt(at)));
        }
        int version = head.get(at + 4) & 0xFF;
        if (version != versionOf(head.get(at + TYPE_AT) & 0xFF)) {
            throw new BrokenStreamException("this member speaks version " + VERSION + " of the replication's messages,"
                    + " and the other end version " + version + ": upgrade the member with the lower one; see"
                    + " docs/operate/upgrade.md");
        }
        int length = head.getInt(at + LENGTH_AT);
        if (length < 0 || length > MAX_BODY_BYTES) {
            throw new BrokenStreamException(
                    "a message of " + Integer.toUnsignedString(length) + " bytes is above " + MAX_BODY_BYTES);
        }
        return length;
    }

    /**
     * Reads a message.
     *
     * @param frame head and body, from its position to its limit; its position is moved
     * @return the message; of a type that a later version has added, a {@link BrokenStreamException} as well
     * @throws BrokenStreamException if it is no message of this version, or its bytes were changed on their way
     */
    public static Message decode(ByteBuffer frame) {
        ByteBuffer in = frame.slice();
        if (in.remaining() < HEAD_BYTES || in.remaining() != HEAD_BYTES + bodyBytes(in)) {
            throw new BrokenStreamException("a message of " + in.remaining() + " bytes says that it has others");
        }
        if (crc(in) != in.getInt(CRC_AT)) {
            throw new BrokenStreamException("the checksum of a message does not match its content");
        }
        int type = in.get(TYPE_AT) & 0xFF;
        in.position(HEAD_BYTES);
        Message message = body(type, in);
        frame.position(frame.limit());
        return message;
    }

    private static Message body(int type, ByteBuffer in) {
        return switch (type) {
            case HELLO -> hello(in);
            case WELCOME -> welcome(in);
            case REFUSAL -> refusal(in);
            case CHUNK -> {
                expect(in, 28);
                yield new Chunk(in.getInt(), offset(in), offset(in), offset(in), payload(in));
            }
            case HEARTBEAT -> {
                expect(in, 28);
                yield new Heartbeat(in.getInt(), offset(in), offset(in), in.getLong());
            }
            case ACK -> {
                expect(in, 36);
                yield new Ack(in.getInt(), offset(in), offset(in), offset(in), in.getLong());
            }
            case COPY_PART -> {
                expect(in, 34);
                yield new CopyPart(
                        in.getInt(), offset(in), offset(in), offset(in), flag(in), flag(in), in.getInt(), payload(in));
            }
            case ASK -> {
                expect(in, 16);
                yield new Ask(in.getInt(), in.getInt(), in.getLong());
            }
            case PROMISE -> promise(in);
            case ADMITTED -> {
                expect(in, 4);
                yield new Admitted(in.getInt());
            }
            case OPENING -> opening(in);
            case PROOF -> {
                expect(in, Bits256.BYTES);
                yield new Proof(Bits256.read(in));
            }
            default ->
                throw new BrokenStreamException("there is no message of type " + type + " in version " + VERSION);
        };
    }

    private static Opening opening(ByteBuffer in) {
        expect(in, 13);
        int member = in.getInt();
        int copies = in.getInt();
        boolean flushed = flag(in);
        int count = in.getInt();
        if (count < 0 || count > MAX_MEMBERS) {
            throw new BrokenStreamException("a group has up to " + MAX_MEMBERS + " members, not " + count);
        }
        expect(in, (long) count * Integer.BYTES + Bits256.BYTES);
        List<Integer> members = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            members.add(in.getInt());
        }
        return new Opening(member, copies, flushed, members, Bits256.read(in));
    }

    private static Hello hello(ByteBuffer in) {
        expect(in, 41);
        int member = in.getInt();
        int epoch = in.getInt();
        long group = in.getLong();
        long begin = offset(in);
        long end = offset(in);
        long segmentBytes = offset(in);
        boolean newcomer = flag(in);
        return new Hello(member, epoch, group, epochs(in), begin, end, segmentBytes, newcomer);
    }

    private static Welcome welcome(ByteBuffer in) {
        expect(in, 37);
        int epoch = in.getInt();
        long group = in.getLong();
        long end = offset(in);
        long goOnAt = offset(in);
        boolean copy = flag(in);
        int checkedBytes = in.getInt();
        int checkedCrc32c = in.getInt();
        if (checkedBytes < 0 || checkedBytes > goOnAt) {
            throw new BrokenStreamException(checkedBytes + " bytes below log offset " + goOnAt + " cannot be checked");
        }
        return new Welcome(epoch, group, epochs(in), end, goOnAt, copy, checkedBytes, checkedCrc32c);
    }

    private static Refusal refusal(ByteBuffer in) {
        expect(in, 12);
        int epoch = in.getInt();
        int leader = in.getInt();
        int length = in.getInt();
        if (length < 0 || length > MAX_SENTENCE_BYTES) {
            throw new BrokenStreamException("a sentence of " + length + " bytes is above " + MAX_SENTENCE_BYTES);
        }
        expect(in, length);
        byte[] sentence = new byte[length];
        in.get(sentence);
        return new Refusal(epoch, leader, new String(sentence, StandardCharsets.UTF_8));
    }

    private static Promise promise(ByteBuffer in) {
        expect(in, 33);
        int member = in.getInt();
        int epoch = in.getInt();
        long group = in.getLong();
        long begin = offset(in);
        long end = offset(in);
        boolean doubtful = flag(in);
        return new Promise(member, epoch, group, epochs(in), begin, end, doubtful);
    }

    private static List<Epoch> epochs(ByteBuffer in) {
        expect(in, Integer.BYTES);
        int count = in.getInt();
        if (count < 1 || count > MAX_EPOCHS) {
            throw new BrokenStreamException("a log has from 1 to " + MAX_EPOCHS + " epochs, not " + count);
        }
        expect(in, (long) count * EPOCH_BYTES);
        List<Epoch> epochs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Epoch next = new Epoch(in.getInt(), offset(in));
            if (i > 0
                    && (next.number() <= epochs.getLast().number()
                            || next.logOffset() < epochs.getLast().logOffset())) {
                throw new BrokenStreamException(next + " cannot follow " + epochs.getLast());
            }
            epochs.add(next);
        }
        return epochs;
    }

    private static byte[] payload(ByteBuffer in) {
        expect(in, Integer.BYTES);
        int length = in.getInt();
        if (length < 0 || length > MAX_PAYLOAD_BYTES) {
            throw new BrokenStreamException(length + " bytes of a log are above " + MAX_PAYLOAD_BYTES);
        }
        expect(in, length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static boolean flag(ByteBuffer in) {
        return in.get() != 0;
    }

    private static long offset(ByteBuffer in) {
        long offset = in.getLong();
        if (offset < 0) {
            throw new BrokenStreamException("there is no log offset " + offset);
        }
        return offset;
    }

    private static void expect(ByteBuffer in, long bytes) {
        if (in.remaining() < bytes) {
            throw new BrokenStreamException("a message ends " + (bytes - in.remaining()) + " bytes too early");
        }
    }

    private static int crc(ByteBuffer frame) {
        CRC32C crc = new CRC32C();
        crc.update(frame.slice(0, CRC_AT));
        crc.update(frame.slice(HEAD_BYTES, frame.limit() - HEAD_BYTES));
        return (int) crc.getValue();
    }
}
