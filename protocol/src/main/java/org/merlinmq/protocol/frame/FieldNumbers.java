package org.merlinmq.protocol.frame;

/** Reads numbers out of field texts. */
final class FieldNumbers {
    private FieldNumbers() {}

    static int intValue(String name, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw FieldException.wrong(name, "a 32-bit number", text);
        }
    }

    static long longValue(String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw FieldException.wrong(name, "a 64-bit number", text);
        }
    }
}
