package org.merlinmq.broker.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ProducerGroups;
import org.merlinmq.broker.offset.StoredMessages;
import org.merlinmq.protocol.body.TransactionPage;
import org.merlinmq.protocol.body.TransactionView;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.request.ResumeHalfRequest;
import org.merlinmq.protocol.request.TransactionListRequest;
import org.merlinmq.protocol.request.TransactionRequest;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.OpenHalves;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What administrators do about transactions that nobody decides: list them, look at one, decide it by hand, have it checked
 * now, and take up again one that was given up.
 *
 * <p>Threading: on virtual threads.
 *
 * <p>Source: request 323; 77001 to 77003 are MerlinMQ's own, see docs/wire/merlin-requests.md.
 */
final class TransactionHandlers {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionHandlers.class);
    private static final int MAX_PAGE = 1000;
    private static final int MAX_LOOKED_AT = 10_000;
    private static final int STEP = 256;
    private static final int MAX_COPIES = 32;

    private final Storage storage;
    private final OpenHalves index;
    private final StoredMessages messages;
    private final ProducerGroups producers;
    private final LongSupplier nowMillis;
    private final LateDecisions decisions;
    private final Transactions transactions;

    TransactionHandlers(Transactions.Parts parts, LateDecisions decisions, Transactions transactions) {
        this.storage = parts.storage();
        this.index = parts.storage().transactions();
        this.messages = parts.messages();
        this.producers = parts.producers();
        this.nowMillis = parts.nowMillis();
        this.decisions = decisions;
        this.transactions = transactions;
    }

    void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.RESUME_CHECK_HALF_MESSAGE,
                        Access.of(Resource.TOPIC, Action.UPDATE),
                        request -> resume(ResumeHalfRequest.read(request)))
                .blocking(
                        RequestCode.LIST_TRANSACTIONS,
                        Access.of(Resource.TOPIC, Action.LIST),
                        request -> list(TransactionListRequest.read(request)))
                .blocking(
                        RequestCode.SHOW_TRANSACTION,
                        Access.of(Resource.TOPIC, Action.GET),
                        request -> show(TransactionRequest.read(request)))
                .blocking(
                        RequestCode.DECIDE_TRANSACTION,
                        Access.of(Resource.TOPIC, Action.UPDATE),
                        request -> decide(TransactionRequest.read(request)));
    }

    Answer list(TransactionListRequest request) {
        List<TransactionView> page = new ArrayList<>();
        long next = request.givenUp() ? listGivenUp(request, page) : listOpen(request, page);
        return Answer.ok(new TransactionPage(page, next, index.count()).write());
    }

    private long listOpen(TransactionListRequest request, List<TransactionView> page) {
        int max = Math.clamp(request.max(), 1, MAX_PAGE);
        long cursor = Math.max(0, request.cursor());
        for (int looked = 0; looked < MAX_LOOKED_AT; ) {
            List<OpenHalf> some = index.list(cursor, STEP);
            for (OpenHalf half : some) {
                if (page.size() == max) {
                    return cursor;
                }
                looked++;
                cursor = half.logOffset() + 1;
                RecordView record = messages.record(half.logOffset());
                if (record != null) {
                    add(view(record, half), request, page);
                }
            }
            if (some.size() < STEP) {
                return TransactionPage.LAST;
            }
        }
        return cursor;
    }

    private long listGivenUp(TransactionListRequest request, List<TransactionView> page) {
        int max = Math.clamp(request.max(), 1, MAX_PAGE);
        Queue queue = storage.findQueue(RecordFacts.GIVEN_UP_TOPIC_NAME, 0);
        if (queue == null) {
            return TransactionPage.LAST;
        }
        long cursor = Math.max(queue.minOffset(), request.cursor());
        for (int looked = 0; looked < MAX_LOOKED_AT && page.size() < max; looked++) {
            if (cursor >= queue.maxOffset()) {
                return TransactionPage.LAST;
            }
            RecordView record = messages.record(queue, cursor++);
            if (record != null && !isResumed(record)) {
                add(view(record, null), request, page);
            }
        }
        return cursor;
    }

    private static void add(TransactionView view, TransactionListRequest request, List<TransactionView> page) {
        boolean wanted = (request.group() == null || request.group().equals(view.group()))
                && (request.topic() == null || request.topic().equals(view.topic()));
        if (wanted) {
            page.add(view);
        }
    }

    private static TransactionView view(RecordView record, @Nullable OpenHalf half) {
        Map<String, String> properties = record.properties();
        long logOffset = half == null ? record.logOffset() : half.firstLogOffset();
        return new TransactionView(
                properties.get(PropertyName.UNIQ_KEY),
                TransactionChecks.messageId(record, logOffset),
                properties.getOrDefault(PropertyName.PGROUP, ""),
                properties.getOrDefault(PropertyName.REAL_TOPIC, ""),
                (int) number(properties.get(PropertyName.REAL_QID)),
                record.bornMillis(),
                record.bornHost(),
                record.storeMillis(),
                record.bodyBytes(),
                half == null ? (int) number(properties.get(PropertyName.TRANSACTION_CHECK_TIMES)) : half.checks(),
                half == null ? 0 : half.checkMillis(),
                half == null);
    }

    private static long number(@Nullable String text) {
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
    }

    Answer show(TransactionRequest request) {
        OpenHalf half = decisions.find(request.id(), placeOf(request.id()));
        if (half != null) {
            RecordView record = messages.record(half.logOffset());
            if (record != null) {
                return Answer.ok(view(record, half).write());
            }
        }
        RecordView givenUp = givenUp(request.id());
        return givenUp == null
                ? unknown(request.id())
                : Answer.ok(view(givenUp, null).write());
    }

    private static Answer unknown(String id) {
        return Answer.refuse(
                ResponseCode.QUERY_NOT_FOUND,
                "no transaction " + id + " is open or was given up: it was decided, or never was here (merlin"
                        + " transaction list)");
    }

    /** The log offset that an id of the kind with a place in it names; −1 if it is of another kind. */
    private static long placeOf(String id) {
        return id.matches("[0-9A-Fa-f]{32}|[0-9A-Fa-f]{56}")
                ? MessageId.decode(id).logOffset()
                : -1;
    }

    private @Nullable RecordView givenUp(String id) {
        for (long found : storage.findByKey(RecordFacts.GIVEN_UP_TOPIC_NAME, id, MAX_COPIES, 0, Long.MAX_VALUE)) {
            RecordView record = messages.record(found);
            if (record != null && id.equals(record.properties().get(PropertyName.UNIQ_KEY)) && !isResumed(record)) {
                return record;
            }
        }
        long place = placeOf(id);
        RecordView record = place < 0 ? null : messages.record(place);
        boolean is = record != null && record.topic().equals(RecordFacts.GIVEN_UP_TOPIC_NAME) && !isResumed(record);
        return is ? record : null;
    }

    /** Whether a half message that was given up was taken up again. */
    private boolean isResumed(RecordView givenUp) {
        String key = givenUp.properties().get(PropertyName.UNIQ_KEY);
        if (key == null) {
            return false;
        }
        long[] newest = storage.findByKey(HalfMessages.TOPIC, key, 1, 0, Long.MAX_VALUE);
        return newest.length > 0 && newest[0] > givenUp.logOffset();
    }

    Answer decide(TransactionRequest request) {
        String decision = String.valueOf(request.decision());
        boolean commit = decision.equals(TransactionRequest.COMMIT);
        if (!commit && !decision.equals(TransactionRequest.ROLLBACK) && !decision.equals(TransactionRequest.CHECK)) {
            return Answer.refuse(
                    ResponseCode.INVALID_PARAMETER, "decision is " + decision + "; it is commit, rollback or check");
        }
        OpenHalf half = decisions.find(request.id(), placeOf(request.id()));
        if (half == null) {
            RecordView givenUp = givenUp(request.id());
            if (givenUp == null) {
                return unknown(request.id());
            }
            Refusal refusal = resume(givenUp);
            if (refusal != null) {
                return Answer.refuse(refusal);
            }
            half = decisions.find(request.id(), placeOf(request.id()));
            if (half == null) {
                return unknown(request.id());
            }
        }
        Answer answer = decision.equals(TransactionRequest.CHECK) ? check(half) : store(half, commit);
        LOG.info("transaction-by-hand id={} decision={} code={}", request.id(), decision, answer.code());
        return answer;
    }

    private Answer check(OpenHalf half) {
        RecordView record = messages.record(half.logOffset());
        String group = record == null ? "" : record.properties().getOrDefault(PropertyName.PGROUP, "");
        if (producers.members(group).isEmpty()) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    "no producer of the group " + group + " is connected; start one, or decide by hand");
        }
        index.checkAt(half.logOffset(), nowMillis.getAsLong());
        transactions.wake();
        return Answer.ok();
    }

    private Answer store(OpenHalf half, boolean commit) {
        OpenHalf claimed = index.claim(half.logOffset());
        if (claimed == null) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "another decision on it is being stored");
        }
        Refusal refusal = decisions.store(claimed, commit);
        return refusal == null ? Answer.ok() : Answer.refuse(refusal);
    }

    Answer resume(ResumeHalfRequest request) {
        RecordView record = messages.record(MessageId.decode(request.msgId()).logOffset());
        if (record == null || !record.topic().equals(RecordFacts.GIVEN_UP_TOPIC_NAME)) {
            return Answer.refuse(
                    ResponseCode.SYSTEM_ERROR,
                    "no half message that was given up lies at " + request.msgId() + "; their ids are those of the"
                            + " messages in " + RecordFacts.GIVEN_UP_TOPIC_NAME);
        }
        if (isResumed(record)) {
            return Answer.refuse(ResponseCode.SYSTEM_ERROR, "it was taken up again already");
        }
        Refusal refusal = resume(record);
        return refusal == null ? Answer.ok() : Answer.refuse(refusal);
    }

    private @Nullable Refusal resume(RecordView givenUp) {
        Map<String, String> properties = givenUp.properties();
        String log = properties.get(PropertyName.FIRST_HALF_LOG_OFFSET);
        String queue = properties.get(PropertyName.TRAN_PREPARED_QUEUE_OFFSET);
        long firstLog = log == null ? givenUp.logOffset() : number(log);
        long firstQueue = queue == null ? givenUp.queueOffset() : number(queue);
        CompletableFuture<AppendBatch> appended = new CompletableFuture<>();
        AppendBatch batch = storage.newBatch(appended::complete);
        transactions
                .records()
                .resume(
                        batch,
                        givenUp,
                        new OpenHalf(givenUp.logOffset(), givenUp.queueOffset(), firstLog, firstQueue, 0, 0, 0, 0));
        storage.append(batch);
        return appended.join().status() == AppendStatus.REFUSED
                ? new Refusal(ResponseCode.SERVICE_NOT_AVAILABLE, batch.reason())
                : null;
    }
}
