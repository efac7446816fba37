package org.merlinmq.console;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is served, without HTTP: path in, page out. */
final class Pages {
    private final ServerSummary summary;
    private final Health health;
    private final List<MetricsSource> sources;

    Pages(ServerSummary summary, Health health, List<MetricsSource> sources) {
        this.summary = summary;
        this.health = health;
        this.sources = List.copyOf(sources);
    }

    /** One answer. */
    record Page(int status, String contentType, String text) {
        static Page plain(int status, String text) {
            return new Page(status, "text/plain; charset=utf-8", text);
        }
    }

    Page page(String uri) {
        int query = uri.indexOf('?');
        return switch (query < 0 ? uri : uri.substring(0, query)) {
            case "/", "/index.html" ->
                new Page(200, "text/html; charset=utf-8", StartPage.html(summary, health.trouble()));
            case "/healthz" -> healthz();
            case "/metrics" -> new Page(200, MetricsText.CONTENT_TYPE, MetricsText.of(sources));
            default -> Page.plain(404, "no such page; there are /, /healthz and /metrics\n");
        };
    }

    private Page healthz() {
        @Nullable String trouble = health.trouble();
        return trouble == null ? Page.plain(200, "ok\n") : Page.plain(503, trouble + "\n");
    }
}
