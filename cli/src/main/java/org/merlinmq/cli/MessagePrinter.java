package org.merlinmq.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.TreeMap;
import org.merlinmq.client.ReceivedMessage;
import org.merlinmq.protocol.json.JsonWriter;

/** Prints messages: the body's very bytes and a line feed, or one JSON object a line. */
final class MessagePrinter {
    private final OutputStream out;
    private final boolean json;

    MessagePrinter(OutputStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** On standard output, past the encoding of {@link System#out}. */
    static MessagePrinter onOut(boolean json) {
        return new MessagePrinter(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 64 << 10), json);
    }

    void print(ReceivedMessage message) {
        try {
            out.write(json ? json(message) : message.body());
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

    private static byte[] json(ReceivedMessage message) {
        JsonWriter json = new JsonWriter().beginObject();
        body(json, message.body());
        json.field("bornHost", message.bornHost()).field("bornMillis", message.bornMillis());
        json.field("broker", message.queue().brokerName()).field("keys", message.keys());
        json.field("messageId", message.messageId()).field("offsetMessageId", message.offsetMessageId());
        json.field("properties", new TreeMap<>(message.properties()));
        json.field("queueId", message.queue().queueId()).field("queueOffset", message.queueOffset());
        json.field("reconsumeTimes", message.reconsumeTimes()).field("storeMillis", message.storeMillis());
        json.field("tag", message.tag()).field("topic", message.topic());
        return json.endObject().toByteArray();
    }

    private static void body(JsonWriter json, byte[] body) {
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
