package org.merlinmq.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.TreeMap;
import org.merlinmq.client.ClientException;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Prints messages: the body's very bytes and a line feed, or one JSON object a line.
 *
 * <p>Errors: a message whose body cannot be read does not end the printing. As JSON its body is {@code storedBodyBase64},
 * with the reason in {@code bodyError}; else it is left out with a line on the error stream, and {@link #end} fails.
 */
final class MessagePrinter {
    private final OutputStream out;
    private final PrintStream err;
    private final boolean json;
    private long leftOut;

    MessagePrinter(OutputStream out, PrintStream err, boolean json) {
        this.out = out;
        this.err = err;
        this.json = json;
    }

    /** On standard output, past the encoding of {@link System#out}. */
    static MessagePrinter onOut(boolean json) {
        OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 64 << 10);
        return new MessagePrinter(out, System.err, json);
    }

    void print(ReceivedMessage message) {
        byte[] line;
        try {
            line = json ? json(message) : message.body();
        } catch (ClientException unreadable) {
            leftOut++;
            err.println("merlin: left out " + MultiQueueReader.name(message.queue()) + " offset "
                    + message.queueOffset() + ": " + unreadable.getMessage());
            return;
        }
        try {
            out.write(line);
            out.write('\n');
        } catch (IOException closed) {
            throw new CommandFailure("the output cannot be written: " + closed.getMessage());
        }
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException closed) {
            throw new CommandFailure("the output cannot be written: " + closed.getMessage());
        }
    }

    /** After the last message: fails if any was left out. */
    void end() {
        flush();
        if (leftOut > 0) {
            throw new CommandFailure("messages left out because their bodies cannot be read: " + leftOut
                    + "; --json prints what is stored of them");
        }
    }

    private static byte[] json(ReceivedMessage message) {
        JsonWriter json = new JsonWriter().beginObject();
        body(json, message);
        json.field("bornHost", message.bornHost()).field("bornMillis", message.bornMillis());
        json.field("broker", message.queue().brokerName()).field("keys", message.keys());
        json.field("messageId", message.messageId()).field("offsetMessageId", message.offsetMessageId());
        json.field("properties", new TreeMap<>(message.properties()));
        json.field("queueId", message.queue().queueId()).field("queueOffset", message.queueOffset());
        json.field("reconsumeTimes", message.reconsumeTimes()).field("storeMillis", message.storeMillis());
        json.field("tag", message.tag()).field("topic", message.topic());
        return json.endObject().toByteArray();
    }

    private static void body(JsonWriter json, ReceivedMessage message) {
        byte[] body;
        try {
            body = message.body();
        } catch (ClientException unreadable) {
            json.field("bodyError", unreadable.getMessage());
            json.field("storedBodyBase64", Base64.getEncoder().encodeToString(message.storedBody()));
            return;
        }
        try {
            json.field(
                    "body",
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(body))
                            .toString());
        } catch (CharacterCodingException notText) {
            json.field("bodyBase64", Base64.getEncoder().encodeToString(body));
        }
    }
}
