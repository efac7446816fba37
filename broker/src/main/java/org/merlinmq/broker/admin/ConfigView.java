package org.merlinmq.broker.admin;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * The broker's settings under their RocketMQ names, as requests 25 and 26 see them.
 *
 * <p>Threading: any thread.
 */
public interface ConfigView {
    /** All settings: values by name, sorted. */
    Map<String, String> settings();

    /**
     * Changes what may change while the broker runs.
     *
     * @param changes values by name
     * @return null if all were taken; else none was
     */
    @Nullable Refusal update(Map<String, String> changes);

    /** How often the settings were changed, and when last, in milliseconds since 1970. */
    Version version();

    /**
     * A version of the settings.
     *
     * @param counter changes so far
     * @param millis when the last one came
     */
    record Version(long counter, long millis) {}
}
