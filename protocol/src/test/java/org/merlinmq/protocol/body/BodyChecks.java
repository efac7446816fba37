package org.merlinmq.protocol.body;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import org.merlinmq.protocol.RandomRecords;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;

/** What must hold for all bodies. */
public final class BodyChecks {
    /** All body records. */
    public static final List<Class<?>> BODIES = List.copyOf(RandomRecords.of(TopicRoute.class, JsonBody.class));

    private BodyChecks() {}

    static JsonBody read(Class<?> type, byte[] bytes) throws ReflectiveOperationException {
        Method read = type.getMethod("read", JsonObject.class);
        read.setAccessible(true);
        return (JsonBody) read.invoke(null, JsonReader.readObject(bytes));
    }

    /**
     * Reads any bytes as one kind of body: it succeeds and reads back what it writes, or says what is wrong.
     *
     * @param kind which body, modulo their count
     * @param bytes anything
     * @throws ReflectiveOperationException if a body throws what it may not
     */
    public static void readsOrRefuses(int kind, byte[] bytes) throws ReflectiveOperationException {
        Class<?> type = BODIES.get(Math.floorMod(kind, BODIES.size()));
        JsonBody body;
        try {
            body = read(type, bytes);
        } catch (JsonException e) {
            assertThat(e.getMessage()).isNotEmpty();
            return;
        } catch (InvocationTargetException e) {
            assertThat(e.getCause()).isInstanceOf(JsonException.class);
            return;
        }
        assertThat(read(type, body.write())).isEqualTo(body);
    }
}
