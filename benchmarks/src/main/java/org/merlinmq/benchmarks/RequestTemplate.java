package org.merlinmq.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.merlinmq.protocol.frame.Frame;

/**
 * A request that is sent again and again: the numbers that differ are overwritten in place, padded with zeros.
 *
 * <p>Threading: one thread at a time, from the first change until {@link LoadSocket#put} has copied it.
 */
final class RequestTemplate {
    /** The least id of a request: all have ten digits. */
    static final int FIRST_ID = 1_000_000_000;

    /** Stands for an offset in a header, as wide as any. */
    static final long OFFSET = 1_111_111_111_111_111_111L;

    /** Stands for another one. */
    static final long OTHER_OFFSET = 2_222_222_222_222_222_222L;

    /** Stands for the number at the end of {@link #UNIQUE_KEY}, and for any other number of that width. */
    static final String NUMBER = "333333333333";

    /** A unique key whose last digits are the message's number. */
    static final String UNIQUE_KEY = "7F0000015A5A18B4AAC2" + NUMBER;

    private static final String ID = "\"opaque\":";

    private final byte[] bytes;
    private final int idAt;
    private final int[] offsets;
    private final int[] otherOffsets;
    private final int[] numbers;

    /** Takes over a request with what stands for its changing numbers. */
    RequestTemplate(Frame request) {
        bytes = request.withRequestId(FIRST_ID).toBytes();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        idAt = text.indexOf(ID) + ID.length();
        offsets = places(text, Long.toString(OFFSET));
        otherOffsets = places(text, Long.toString(OTHER_OFFSET));
        numbers = places(text, NUMBER);
    }

    private static int[] places(String text, String part) {
        IntStream.Builder places = IntStream.builder();
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            places.add(at);
        }
        return places.build().toArray();
    }

    /** Its bytes as they are now; not copied. */
    byte[] bytes() {
        return bytes;
    }

    void id(int slot) {
        decimal(idAt, 10, FIRST_ID + slot);
    }

    /** Writes an offset wherever {@link #OFFSET} stood. */
    void offset(long offset) {
        write(offsets, 19, offset);
    }

    /** Writes an offset wherever {@link #OTHER_OFFSET} stood. */
    void otherOffset(long offset) {
        write(otherOffsets, 19, offset);
    }

    /** Writes a number wherever {@link #NUMBER} stood. */
    void number(long number) {
        write(numbers, NUMBER.length(), number);
    }

    /** Writes numbers that follow one another: the first where {@link #NUMBER} stood first, and so on. */
    void numbersFrom(long first) {
        for (int i = 0; i < numbers.length; i++) {
            decimal(numbers[i], NUMBER.length(), first + i);
        }
    }

    private void write(int[] places, int digits, long value) {
        if (places.length == 0) {
            throw new IllegalStateException("the request has no place for " + value);
        }
        for (int at : places) {
            decimal(at, digits, value);
        }
    }

    private void decimal(int at, int digits, long value) {
        long left = value;
        for (int i = at + digits - 1; i >= at; i--) {
            bytes[i] = (byte) ('0' + left % 10);
            left /= 10;
        }
    }
}
