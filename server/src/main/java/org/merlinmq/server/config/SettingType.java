package org.merlinmq.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The type of a setting's values.
 *
 * @param <T> the type in Java
 * @param allowed what is allowed, as the end of the sentence "allowed is …"
 * @param parser turns text into a value; throws {@link IllegalArgumentException} for what is not allowed
 * @param printer turns a value back into text
 * @param plain turns it into the text that RocketMQ's files and tools have, without units
 */
record SettingType<T>(
        String allowed, Function<String, T> parser, Function<T, String> printer, Function<T, String> plain) {

    /** The largest id that a member of a group may have. */
    static final int MAX_MEMBER = 255;

    /** A type without units. */
    SettingType(String allowed, Function<String, T> parser, Function<T, String> printer) {
        this(allowed, parser, printer, printer);
    }

    /** Reads a value; throws an {@link IllegalArgumentException} that names the allowed values. */
    T parse(String text) {
        try {
            return parser.apply(text.strip());
        } catch (IllegalArgumentException | ArithmeticException refused) {
            throw new IllegalArgumentException(allowed, refused);
        }
    }

    static SettingType<Long> size(String min, String max) {
        long from = Units.bytes(min);
        long to = Units.bytes(max);
        return new SettingType<>(
                "a size from " + min + " to " + max,
                text -> within(Units.bytes(text), from, to),
                bytes -> Units.text(bytes.longValue()),
                String::valueOf);
    }

    /** A duration; {@code bareUnit} is the unit of a number without one. */
    static SettingType<Duration> duration(String min, String max, String bareUnit) {
        Duration from = Units.duration(min, bareUnit);
        Duration to = Units.duration(max, bareUnit);
        return new SettingType<>(
                "a duration from " + min + " to " + max + " (a bare number counts " + bareUnit + ")",
                text -> within(Units.duration(text, bareUnit), from, to),
                Units::text,
                duration -> String.valueOf(
                        duration.toMillis() / Units.duration("1", bareUnit).toMillis()));
    }

    static SettingType<Integer> integer(int min, int max) {
        String bounds = max == Integer.MAX_VALUE ? "a number from " + min : "a number from " + min + " to " + max;
        return new SettingType<>(bounds, text -> within(Integer.valueOf(text), min, max), String::valueOf);
    }

    /** A time; 0 means none. */
    static SettingType<Long> time() {
        return new SettingType<>(
                "a time in milliseconds since 1970, or 0",
                text -> within(Long.valueOf(text), 0L, Long.MAX_VALUE),
                String::valueOf);
    }

    /** A TCP port; 0 means any free one. */
    static SettingType<Integer> port() {
        return new SettingType<>(
                "a port from 0 to 65535 (0 = any free one)",
                text -> within(Integer.valueOf(text), 0, 65535),
                String::valueOf);
    }

    /** A TCP port; 0 means the one above another setting's. */
    static SettingType<Integer> portAbove(String other) {
        return new SettingType<>(
                "a port from 0 to 65535 (0 = the one above " + other + ")",
                text -> within(Integer.valueOf(text), 0, 65535),
                String::valueOf);
    }

    static SettingType<Boolean> flag() {
        return new SettingType<>("true or false", SettingType::parseFlag, String::valueOf);
    }

    static SettingType<String> text(String allowed, String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        return new SettingType<>(
                allowed, text -> require(text, compiled.matcher(text).matches()), Function.identity());
    }

    static SettingType<Path> path() {
        return new SettingType<>("a path", Path::of, Path::toString);
    }

    /** One of an enum's constants, in any case; RocketMQ writes a suffix behind each. */
    static <E extends Enum<E>> SettingType<E> oneOf(Class<E> type, String suffix) {
        E[] constants = type.getEnumConstants();
        Function<E, String> name = constant -> constant.name() + suffix;
        return new SettingType<>(
                Arrays.stream(constants).map(name).collect(Collectors.joining(" or ")),
                text -> {
                    String upper = text.toUpperCase(Locale.ROOT);
                    return Arrays.stream(constants)
                            .filter(c -> c.name().equals(upper) || name.apply(c).equals(upper))
                            .findFirst()
                            .orElseThrow(IllegalArgumentException::new);
                },
                name);
    }

    /** Hours of the day, separated by semicolons. */
    static SettingType<List<Integer>> hours() {
        return new SettingType<>(
                "hours from 0 to 23, separated by ;",
                text -> {
                    List<Integer> hours = new ArrayList<>();
                    for (String part : text.split(";", -1)) {
                        hours.add(within(Integer.valueOf(part.strip()), 0, 23));
                    }
                    return List.copyOf(hours);
                },
                hours -> hours.stream().map(h -> h < 10 ? "0" + h : "" + h).collect(Collectors.joining(";")));
    }

    static SettingType<String> address() {
        return new SettingType<>("an address host:port", SettingType::hostAndPort, Function.identity());
    }

    /** Addresses {@code host:port}, separated by semicolons; none is allowed. */
    static SettingType<List<String>> addresses() {
        return new SettingType<>(
                "addresses host:port, separated by ;",
                text -> {
                    List<String> addresses = new ArrayList<>();
                    for (String part : text.split(";", -1)) {
                        if (!part.isBlank()) {
                            addresses.add(hostAndPort(part.strip()));
                        }
                    }
                    return List.copyOf(addresses);
                },
                addresses -> String.join(";", addresses));
    }

    /** Addresses {@code id@host:port} by the id, separated by semicolons. */
    static SettingType<NavigableMap<Integer, String>> members() {
        return new SettingType<>(
                "members id@host:port, separated by ;",
                text -> {
                    NavigableMap<Integer, String> members = new TreeMap<>();
                    for (String part : text.split(";", -1)) {
                        int at = part.indexOf('@');
                        require(part, at > 0);
                        int id = within(Integer.valueOf(part.substring(0, at).strip()), 0, MAX_MEMBER);
                        require(
                                part,
                                members.put(
                                                id,
                                                hostAndPort(
                                                        part.substring(at + 1).strip()))
                                        == null);
                    }
                    return Collections.unmodifiableNavigableMap(members);
                },
                members -> members.entrySet().stream()
                        .map(each -> each.getKey() + "@" + each.getValue())
                        .collect(Collectors.joining(";")));
    }

    /** Delays such as {@code 1s 5s 10s 30s 1m}, separated by blanks; the first is level 1. */
    static SettingType<List<Duration>> durations(String allowed) {
        return new SettingType<>(
                allowed,
                text -> {
                    List<Duration> durations = new ArrayList<>();
                    for (String part : text.split(" +", -1)) {
                        durations.add(Units.duration(part, "none"));
                    }
                    return List.copyOf(durations);
                },
                durations -> durations.stream().map(Units::text).collect(Collectors.joining(" ")));
    }

    private static String hostAndPort(String text) {
        int colon = text.lastIndexOf(':');
        require(text, colon > 0);
        within(Integer.valueOf(text.substring(colon + 1)), 1, 65535);
        return text;
    }

    private static boolean parseFlag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException();
        };
    }

    private static String require(String text, boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException();
        }
        return text;
    }

    private static <C extends Comparable<? super C>> C within(C value, C min, C max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException();
        }
        return value;
    }
}
