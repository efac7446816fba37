package org.merlinmq.protocol;

import java.io.File;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonValue;

/** Finds all records of a package and makes random instances of them. */
public final class RandomRecords {
    private final RandomGenerator random;

    /**
     * Makes a source of records.
     *
     * @param random the only source of chance
     */
    public RandomRecords(RandomGenerator random) {
        this.random = random;
    }

    /**
     * All records in the package of a class that implement an interface.
     *
     * @param neighbour a class of the package
     * @param of the interface
     * @return the record classes by name
     */
    public static List<Class<?>> of(Class<?> neighbour, Class<?> of) {
        List<Class<?>> records = new ArrayList<>();
        try {
            String folder = neighbour.getPackageName().replace('.', '/');
            File root = new File(neighbour
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            String[] files = new File(root, folder).list();
            if (files == null) {
                throw new IllegalStateException("no classes in " + root);
            }
            java.util.Arrays.sort(files);
            for (String file : files) {
                if (file.endsWith(".class") && !file.contains("-")) {
                    Class<?> type = Class.forName(neighbour.getPackageName() + '.' + file.replace(".class", ""));
                    if (type.isRecord() && of.isAssignableFrom(type)) {
                        records.add(type);
                    }
                }
            }
        } catch (ReflectiveOperationException | java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return records;
    }

    /**
     * Makes one record.
     *
     * @param type its class
     * @param absent whether what may be null may be null
     * @return the record
     * @throws ReflectiveOperationException never for our records
     */
    public Object record(Class<?> type, boolean absent) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            AnnotatedType annotated = components[i].getAnnotatedType();
            boolean isNull = absent && annotated.isAnnotationPresent(Nullable.class) && random.nextBoolean();
            values[i] = isNull ? null : value(components[i].getGenericType(), absent);
        }
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    private Object value(Type type, boolean absent) throws ReflectiveOperationException {
        if (type instanceof ParameterizedType generic) {
            return collection(generic, absent);
        }
        Class<?> plain = (Class<?>) type;
        if (plain == String.class) {
            return "s" + Long.toString(random.nextLong(), 36) + (random.nextInt(4) == 0 ? "\"\\\u0001é中" : "");
        } else if (plain == int.class || plain == Integer.class) {
            return random.nextInt();
        } else if (plain == long.class || plain == Long.class) {
            return random.nextLong();
        } else if (plain == boolean.class || plain == Boolean.class) {
            return random.nextBoolean();
        } else if (plain == double.class) {
            return random.nextDouble() * 1e6;
        } else if (plain.isEnum()) {
            return plain.getEnumConstants()[random.nextInt(plain.getEnumConstants().length)];
        } else if (plain == JsonObject.class || plain == JsonValue.class) {
            JsonValue inner = new JsonValue.Whole(random.nextInt());
            return new JsonObject(List.of(new JsonObject.Member(new JsonValue.Text("k"), inner)));
        }
        return record(plain, absent);
    }

    private Object collection(ParameterizedType type, boolean absent) throws ReflectiveOperationException {
        Type[] of = type.getActualTypeArguments();
        int count = random.nextInt(4);
        if (type.getRawType() == List.class) {
            List<Object> list = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                list.add(value(of[0], absent));
            }
            return list;
        }
        Map<Object, Object> map = type.getRawType() == SortedMap.class ? new TreeMap<>() : new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            map.put(value(of[0], absent), value(of[1], absent));
        }
        return map;
    }
}
