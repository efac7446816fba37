package org.merlinmq.broker.stats;

import java.util.function.LongSupplier;

/** A counter whose totals are kept elsewhere, where they cost nothing to keep. */
final class TotalMeter extends Counter {
    private final LongSupplier messages;
    private final LongSupplier bytes;

    TotalMeter(LongSupplier messages, LongSupplier bytes) {
        this.messages = messages;
        this.bytes = bytes;
    }

    @Override
    public long messages() {
        return messages.getAsLong();
    }

    @Override
    public long bytes() {
        return bytes.getAsLong();
    }
}
