package org.merlinmq.broker.transaction;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.transaction.OpenHalves;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Whether half messages are taken, and when they are checked: what the send path asks.
 *
 * <p>Threading: any thread.
 */
public final class HalfMessages {
    /** Where half messages are stored. */
    public static final String TOPIC = RecordFacts.HALF_TOPIC_NAME;

    private final Supplier<TransactionConfig> config;
    private final OpenHalves open;

    /**
     * What holds for half messages.
     *
     * @param config the settings as they are now
     * @param open the half messages that are open
     */
    public HalfMessages(Supplier<TransactionConfig> config, OpenHalves open) {
        this.config = config;
        this.open = open;
    }

    /**
     * Why no half message can be taken now.
     *
     * @return null if one can
     */
    public @Nullable Refusal refusal() {
        TransactionConfig now = config.get();
        if (now.reject()) {
            return new Refusal(
                    ResponseCode.NO_PERMISSION,
                    "the broker takes no transactional messages (transaction.reject, rejectTransactionMessage); send to"
                            + " another one, or without a transaction");
        }
        if (open.count() >= now.maxOpen()) {
            return new Refusal(
                    ResponseCode.SERVICE_NOT_AVAILABLE,
                    open.count() + " transactions are open, and transaction.max-open is " + now.maxOpen()
                            + ": commit or roll back some (merlin transaction list), then send again");
        }
        return null;
    }

    /**
     * How long after it is stored a half message is checked that asks for nothing else.
     *
     * @return milliseconds
     */
    public int checkAfterMillis() {
        return (int) config.get().timeOut().toMillis();
    }
}
