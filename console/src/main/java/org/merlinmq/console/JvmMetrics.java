package org.merlinmq.console;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Locale;

/** The figures of the JVM. The names are those of Prometheus' own Java client, which dashboards know. */
public final class JvmMetrics implements MetricsSource {
    /** A source without state. */
    public JvmMetrics() {}

    @Override
    public void collect(MetricsSink out) {
        memory(out, "heap", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage());
        memory(out, "nonheap", ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage());
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            String name = pool.getName().toLowerCase(Locale.ROOT);
            out.gauge("jvm_buffer_pool_used_bytes", "Bytes in a pool of buffers.", pool.getMemoryUsed(), "pool", name);
        }
        for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
            out.counter(
                    "jvm_gc_collections_total",
                    "Collections.",
                    Math.max(0, gc.getCollectionCount()),
                    "gc",
                    gc.getName());
            double seconds = Math.max(0, gc.getCollectionTime()) / 1000.0;
            out.counter("jvm_gc_collection_seconds_total", "Time spent in collections.", seconds, "gc", gc.getName());
        }
        out.gauge(
                "jvm_threads_current",
                "Platform threads.",
                ManagementFactory.getThreadMXBean().getThreadCount());
        long started = ManagementFactory.getRuntimeMXBean().getStartTime();
        out.gauge("process_start_time_seconds", "When the process started, since 1970.", started / 1000.0);
        ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .ifPresent(cpu ->
                        out.counter("process_cpu_seconds_total", "Processor time used.", cpu.toMillis() / 1000.0));
    }

    private static void memory(MetricsSink out, String area, MemoryUsage usage) {
        out.gauge("jvm_memory_used_bytes", "Bytes in use.", usage.getUsed(), "area", area);
        out.gauge("jvm_memory_committed_bytes", "Bytes taken from the system.", usage.getCommitted(), "area", area);
        out.gauge("jvm_memory_max_bytes", "Most bytes; -1 if there is no bound.", usage.getMax(), "area", area);
    }
}
