package org.merlinmq.replication.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.merlinmq.storage.log.EpochTable.Epoch;
import org.merlinmq.testkit.Seeds;

/** What is written is read again, and nothing else is. */
final class MessageCodecTest {
    @Test
    void everyMessageIsReadAsItWasWritten() {
        Seeds.forEach(300, random -> {
            Message message = message(random);
            ByteBuffer bytes = MessageCodec.encode(message);
            assertThat(bytes.get(0)).isEqualTo(MessageCodec.FIRST_BYTE);
            assertThat(MessageCodec.bodyBytes(bytes)).isEqualTo(bytes.remaining() - MessageCodec.HEAD_BYTES);
            assertThat(MessageCodec.decode(bytes)).isEqualTo(message);
            assertThat(bytes.hasRemaining()).isFalse();
        });
    }

    @Test
    void aChunkThatIsMadeWhereItsBytesLieIsLikeAnyOther() {
        Seeds.forEach(300, random -> {
            byte[] bytes = new byte[1 + random.nextInt(2000)];
            random.nextBytes(bytes);
            Message.Chunk chunk = new Message.Chunk(random.nextInt(), 1L << random.nextInt(60), 5, 3, bytes);
            int at = random.nextInt(20);
            ByteBuffer room = ByteBuffer.allocateDirect(at + MessageCodec.CHUNK_HEAD_BYTES + bytes.length + 7);
            room.put(at + MessageCodec.CHUNK_HEAD_BYTES, bytes);
            ByteBuffer frame = room.duplicate().position(at).limit(at + MessageCodec.CHUNK_HEAD_BYTES + bytes.length);
            MessageCodec.sealChunk(frame, chunk.epoch(), chunk.logOffset(), chunk.publishedEnd(), chunk.confirmedEnd());
            assertThat(frame).isEqualTo(MessageCodec.encode(chunk));
            assertThat(MessageCodec.decode(frame)).isEqualTo(chunk);
        });
    }

    @Test
    void aChangedByteIsFound() {
        Seeds.forEach(300, random -> {
            ByteBuffer bytes = MessageCodec.encode(message(random));
            int at = random.nextInt(bytes.limit());
            bytes.put(at, (byte) (bytes.get(at) ^ (1 << random.nextInt(8))));
            assertThatThrownBy(() -> MessageCodec.decode(bytes)).isInstanceOf(BrokenStreamException.class);
        });
    }

    @Test
    void whatIsCutShortIsRefused() {
        Seeds.forEach(300, random -> {
            ByteBuffer bytes = MessageCodec.encode(message(random));
            ByteBuffer cut = bytes.slice(0, random.nextInt(bytes.limit()));
            assertThatThrownBy(() -> MessageCodec.decode(cut)).isInstanceOf(BrokenStreamException.class);
        });
    }

    /** With a checksum that is right: whoever has the port may send anything. */
    @Test
    void anyBytesAreAMessageOrRefused() {
        Seeds.forEach(2000, random -> {
            byte[] body = new byte[random.nextInt(random.nextInt(4) == 0 ? 4 : 120)];
            random.nextBytes(body);
            if (random.nextBoolean()) {
                for (int i = 0; i < body.length; i++) {
                    body[i] = random.nextInt(3) == 0 ? body[i] : 0;
                }
            }
            ByteBuffer frame = frame(random.nextInt(14), body);
            try {
                Message message = MessageCodec.decode(frame);
                assertThat(MessageCodec.decode(MessageCodec.encode(message))).isEqualTo(message);
            } catch (BrokenStreamException expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            }
        });
    }

    @Test
    void whatALaterVersionAddsAtTheEndOfAMessageIsIgnored() {
        Seeds.forEach(300, random -> {
            Message message = message(random);
            ByteBuffer bytes = MessageCodec.encode(message);
            byte[] longer = new byte[bytes.remaining() - MessageCodec.HEAD_BYTES + 5];
            random.nextBytes(longer);
            bytes.get(MessageCodec.HEAD_BYTES, longer, 0, longer.length - 5);
            assertThat(MessageCodec.decode(frame(bytes.get(5), longer))).isEqualTo(message);
        });
    }

    @Test
    void anotherVersionIsRefusedWithBoth() {
        for (byte version : new byte[] {0, 2}) {
            ByteBuffer bytes = MessageCodec.encode(new Message.Ask(1, 2, 3));
            bytes.put(4, version);
            assertThatThrownBy(() -> MessageCodec.bodyBytes(bytes))
                    .hasMessageContaining("this member speaks version 1")
                    .hasMessageContaining("the other end version " + version);
        }
    }

    @Test
    void aBodyThatIsTooLongIsRefusedBeforeThereIsRoomForIt() {
        ByteBuffer bytes = MessageCodec.encode(new Message.Ask(1, 2, 3));
        for (int length : new int[] {MessageCodec.MAX_BODY_BYTES + 1, -1}) {
            bytes.putInt(8, length);
            assertThatThrownBy(() -> MessageCodec.bodyBytes(bytes)).isInstanceOf(BrokenStreamException.class);
        }
    }

    private static ByteBuffer frame(int type, byte[] body) {
        ByteBuffer frame = ByteBuffer.allocate(MessageCodec.HEAD_BYTES + body.length);
        frame.put(MessageCodec.encode(new Message.Ask(0, 0, 0)).slice(0, 5)).put((byte) type);
        frame.putShort((short) 0).putInt(body.length);
        CRC32C crc = new CRC32C();
        crc.update(frame.array(), 0, 12);
        crc.update(body);
        return frame.putInt((int) crc.getValue()).put(body).flip();
    }

    private static Message.Bits256 bits(RandomGenerator random) {
        return new Message.Bits256(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }

    private static Message message(RandomGenerator random) {
        return switch (random.nextInt(12)) {
            case 10 ->
                new Message.Opening(
                        random.nextInt(256),
                        random.nextInt(5),
                        random.nextBoolean(),
                        random.ints(random.nextInt(6), 0, 256).boxed().toList(),
                        bits(random));
            case 11 -> new Message.Proof(bits(random));
            case 0 ->
                new Message.Hello(
                        random.nextInt(256),
                        random.nextInt(),
                        random.nextLong(),
                        epochs(random),
                        big(random),
                        big(random),
                        big(random),
                        random.nextBoolean());
            case 1 ->
                new Message.Welcome(
                        random.nextInt(),
                        random.nextLong(),
                        epochs(random),
                        big(random),
                        Integer.MAX_VALUE + big(random),
                        random.nextBoolean(),
                        random.nextInt(1 << 20),
                        random.nextInt());
            case 2 -> new Message.Refusal(random.nextInt(), random.nextInt(-1, 256), "why, and ünder which name");
            case 3 -> new Message.Chunk(random.nextInt(), big(random), big(random), big(random), bytes(random));
            case 4 -> new Message.Heartbeat(random.nextInt(), big(random), big(random), random.nextLong());
            case 5 -> new Message.Ack(random.nextInt(), big(random), big(random), big(random), random.nextLong());
            case 6 ->
                new Message.CopyPart(
                        random.nextInt(),
                        big(random),
                        big(random),
                        big(random),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.nextInt(),
                        bytes(random));
            case 7 -> new Message.Admitted(random.nextInt());
            case 8 -> new Message.Ask(random.nextInt(), random.nextInt(), random.nextLong());
            default ->
                new Message.Promise(
                        random.nextInt(),
                        random.nextInt(),
                        random.nextLong(),
                        epochs(random),
                        big(random),
                        big(random),
                        random.nextBoolean());
        };
    }

    private static long big(RandomGenerator random) {
        return random.nextLong(1L << random.nextInt(1, 60));
    }

    private static byte[] bytes(RandomGenerator random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<Epoch> epochs(RandomGenerator random) {
        List<Epoch> epochs = new ArrayList<>();
        int number = 0;
        long logOffset = 0;
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            epochs.add(new Epoch(number, logOffset));
            number += random.nextInt(1, 1000);
            logOffset += random.nextInt(3) * 1000L;
        }
        return epochs;
    }
}
