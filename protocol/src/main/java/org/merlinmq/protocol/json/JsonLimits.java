package org.merlinmq.protocol.json;

/** What a JSON text may ask of us. A text that crosses one of these is refused with a {@link JsonException}. */
public final class JsonLimits {
    /** Objects and arrays inside one another. */
    public static final int MAX_DEPTH = 64;

    /** Characters of one number. */
    public static final int MAX_NUMBER_CHARS = 64;

    /** Values in one text, keys that are not plain text included: bounds the heap that a 16 MiB body can claim. */
    public static final int MAX_VALUES = 3_000_000;

    private JsonLimits() {}
}
