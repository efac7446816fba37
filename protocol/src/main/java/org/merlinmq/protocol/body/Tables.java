package org.merlinmq.protocol.body;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonWriter;

/** Reads and writes the kinds of maps and lists that bodies are made of. Absent ones are empty. */
final class Tables {
    private Tables() {}

    static JsonObject required(JsonObject json, String field) {
        JsonObject object = json.object(field);
        if (object == null) {
            throw new JsonException("field " + field + " is missing");
        }
        return object;
    }

    static <T> @Nullable T optional(JsonObject json, String field, Function<JsonObject, T> read) {
        JsonObject object = json.object(field);
        return object == null ? null : read.apply(object);
    }

    /**
     * Reads a constant as RocketMQ's brokers do: by name in any case, or by its place among the constants, which is what
     * clients in C++ write; of a word that names none, such as the {@code PUSH} of early clients in Go, as if absent.
     */
    static <E extends Enum<E>> E constant(JsonObject json, String field, E absent) {
        String text = json.textOr(field, absent.name());
        E[] all = absent.getDeclaringClass().getEnumConstants();
        for (int i = 0; i < all.length; i++) {
            if (all[i].name().equalsIgnoreCase(text) || Integer.toString(i).equals(text)) {
                return all[i];
            }
        }
        return absent;
    }

    static <T> List<T> list(JsonObject json, String field, Function<JsonObject, T> read) {
        List<JsonObject> objects = json.objects(field);
        List<T> list = new ArrayList<>(objects.size());
        for (JsonObject object : objects) {
            list.add(read.apply(object));
        }
        return list;
    }

    static List<Integer> ints(JsonObject json, String field) {
        List<Integer> ints = new ArrayList<>();
        for (String text : json.texts(field)) {
            try {
                ints.add(Integer.valueOf(text));
            } catch (NumberFormatException e) {
                throw new JsonException("field " + field + ": expected 32-bit numbers, found " + text);
            }
        }
        return ints;
    }

    private static <T> Map<String, T> map(JsonObject json, Function<JsonObject.Member, T> read) {
        Map<String, T> map = new LinkedHashMap<>();
        for (JsonObject.Member member : json.members()) {
            map.put(member.name(), read.apply(member));
        }
        return map;
    }

    private static JsonObject orEmpty(JsonObject json, String field) {
        JsonObject object = json.object(field);
        return object == null ? new JsonObject(List.of()) : object;
    }

    static <T> Map<String, T> byName(JsonObject json, String field, Function<JsonObject, T> read) {
        return map(orEmpty(json, field), member -> read.apply(member.object()));
    }

    static <T> Map<String, Map<String, T>> byNames(JsonObject json, String field, Function<JsonObject, T> read) {
        return map(orEmpty(json, field), outer -> map(outer.object(), inner -> read.apply(inner.object())));
    }

    static <T> Map<String, List<T>> listsByName(JsonObject json, String field, Function<JsonObject, T> read) {
        return lists(orEmpty(json, field), read);
    }

    private static <T> Map<String, List<T>> lists(JsonObject object, Function<JsonObject, T> read) {
        return map(object, member -> list(object, member.name(), read));
    }

    static <T> List<Map<String, List<T>>> listOfLists(JsonObject json, String field, Function<JsonObject, T> read) {
        return list(json, field, object -> lists(object, read));
    }

    static Map<String, String> texts(JsonObject json, String field) {
        JsonObject object = orEmpty(json, field);
        Map<String, String> texts = new LinkedHashMap<>();
        for (JsonObject.Member member : object.members()) {
            String text = object.text(member.name());
            if (text != null) {
                texts.put(member.name(), text);
            }
        }
        return texts;
    }

    static Map<String, List<String>> textLists(JsonObject json, String field) {
        JsonObject object = orEmpty(json, field);
        return map(object, member -> object.texts(member.name()));
    }

    static Map<String, Map<String, Integer>> intsByNames(JsonObject json, String field) {
        return map(orEmpty(json, field), outer -> map(outer.object(), inner -> narrow(inner.number())));
    }

    static <T> Map<MessageQueueId, T> byQueue(JsonObject json, String field, Function<JsonObject, T> read) {
        Map<MessageQueueId, T> map = new LinkedHashMap<>();
        for (JsonObject.Member member : json.membersOf(field)) {
            map.put(MessageQueueId.read(member.keyObject()), read.apply(member.object()));
        }
        return map;
    }

    static Map<MessageQueueId, Long> offsets(JsonObject json, String field) {
        return offsets(orEmpty(json, field));
    }

    private static Map<MessageQueueId, Long> offsets(JsonObject object) {
        Map<MessageQueueId, Long> offsets = new LinkedHashMap<>();
        for (JsonObject.Member member : object.members()) {
            offsets.put(MessageQueueId.read(member.keyObject()), member.number());
        }
        return offsets;
    }

    static Map<String, Map<MessageQueueId, Long>> offsetsByClient(JsonObject json, String field) {
        return map(orEmpty(json, field), member -> offsets(member.object()));
    }

    static SortedMap<Integer, Long> offsetsByNumber(JsonObject json, String field) {
        return numbered(orEmpty(json, field));
    }

    private static SortedMap<Integer, Long> numbered(JsonObject object) {
        SortedMap<Integer, Long> map = new TreeMap<>();
        for (JsonObject.Member member : object.members()) {
            map.put(narrow(member.keyNumber()), member.number());
        }
        return map;
    }

    static Map<String, SortedMap<Integer, Long>> offsetsByName(JsonObject json, String field) {
        return map(orEmpty(json, field), member -> numbered(member.object()));
    }

    static SortedMap<Long, String> textsByNumber(JsonObject json, String field) {
        JsonObject object = orEmpty(json, field);
        SortedMap<Long, String> map = new TreeMap<>();
        for (JsonObject.Member member : object.members()) {
            map.put(member.keyNumber(), object.requiredText(member.name()));
        }
        return map;
    }

    private static int narrow(long number) {
        if (number != (int) number) {
            throw new JsonException("expected a 32-bit number, found " + number);
        }
        return (int) number;
    }

    static void writeOptional(JsonWriter out, String field, @Nullable JsonBody body) {
        if (body != null) {
            body.writeTo(out.key(field));
        }
    }

    static void writeList(JsonWriter out, String field, Collection<? extends JsonBody> list) {
        out.key(field).beginArray();
        list.forEach(body -> body.writeTo(out));
        out.endArray();
    }

    static void writeInts(JsonWriter out, String field, Collection<Integer> list) {
        out.key(field).beginArray();
        list.forEach(number -> out.value(number.longValue()));
        out.endArray();
    }

    private static <T> void writeMap(
            JsonWriter out, String field, Map<String, T> map, BiConsumer<String, T> writeEntry) {
        out.key(field).beginObject();
        map.forEach(writeEntry);
        out.endObject();
    }

    static void writeByName(JsonWriter out, String field, Map<String, ? extends JsonBody> map) {
        writeMap(out, field, map, (name, body) -> body.writeTo(out.key(name)));
    }

    static <T extends JsonBody> void writeByNames(JsonWriter out, String field, Map<String, Map<String, T>> map) {
        writeMap(out, field, map, (name, inner) -> writeByName(out, name, inner));
    }

    static <T extends JsonBody> void writeListsByName(JsonWriter out, String field, Map<String, List<T>> map) {
        writeMap(out, field, map, (name, list) -> writeList(out, name, list));
    }

    static <T extends JsonBody> void writeListOfLists(JsonWriter out, String field, List<Map<String, List<T>>> list) {
        out.key(field).beginArray();
        for (Map<String, List<T>> map : list) {
            out.beginObject();
            map.forEach((name, inner) -> writeList(out, name, inner));
            out.endObject();
        }
        out.endArray();
    }

    static void writeTextLists(JsonWriter out, String field, Map<String, List<String>> map) {
        writeMap(out, field, map, out::field);
    }

    static void writeIntsByNames(JsonWriter out, String field, Map<String, Map<String, Integer>> map) {
        writeMap(
                out,
                field,
                map,
                (name, inner) -> writeMap(out, name, inner, (key, number) -> out.field(key, number.longValue())));
    }

    static void writeByQueue(JsonWriter out, String field, Map<MessageQueueId, ? extends JsonBody> map) {
        out.key(field).beginObject();
        map.forEach((queue, body) -> {
            queue.writeTo(out);
            body.writeTo(out);
        });
        out.endObject();
    }

    static void writeOffsets(JsonWriter out, String field, Map<MessageQueueId, Long> map) {
        out.key(field).beginObject();
        map.forEach((queue, offset) -> {
            queue.writeTo(out);
            out.value(offset.longValue());
        });
        out.endObject();
    }

    static void writeOffsetsByClient(JsonWriter out, String field, Map<String, Map<MessageQueueId, Long>> map) {
        writeMap(out, field, map, (name, offsets) -> writeOffsets(out, name, offsets));
    }

    static void writeOffsetsByNumber(JsonWriter out, String field, Map<Integer, Long> map) {
        out.key(field).beginObject();
        map.forEach((number, offset) -> out.key(number).value(offset.longValue()));
        out.endObject();
    }

    static void writeOffsetsByName(JsonWriter out, String field, Map<String, SortedMap<Integer, Long>> map) {
        writeMap(out, field, map, (name, offsets) -> writeOffsetsByNumber(out, name, offsets));
    }

    static void writeTextsByNumber(JsonWriter out, String field, Map<Long, String> map) {
        out.key(field).beginObject();
        map.forEach((number, text) -> out.key(number).value(text));
        out.endObject();
    }
}
