package org.merlinmq.server.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes {@code docs/operate/options.md} from the tables, so that the page is always right. */
public final class OptionsPage {
    private OptionsPage() {}

    /**
     * Prints the page: {@code bin/merlin options > docs/operate/options.md}.
     *
     * @return Markdown
     */
    public static String markdown() {
        StringBuilder page = new StringBuilder();
        page.append("""
                # Settings

                This page is made from the table in `server/…/config/Settings.java` by `bin/merlin options`; a test compares the two.

                Sources, the later wins: the defaults, a file (`--config FILE`, RocketMQ's `.properties` format), the environment (`MERLIN_…`), the command line (`--set key=value`, `--data`, `--broker-port` …). Each setting may be written under our name or under RocketMQ's. An unknown key or a value that is not allowed stops the start with exit code 2 and names the file, the line and the closest known key.

                In the environment a setting is `MERLIN_` and its name in capitals with `_` between the words: `MERLIN_BROKER_PORT`. There an unknown name is warned about and does not stop the start, because others set such variables too: those that Kubernetes makes for a service called `merlin` or `merlin-…` (`MERLIN_SERVICE_HOST`, `MERLIN_PORT_10911_TCP` …, and any `…_PORT` whose value is `tcp://…`) are ignored.

                Sizes: `512`, `64k`, `16m`, `1g` (powers of 1024). Durations: `500ms`, `10s`, `5m`, `72h`, `3d`; a bare number counts in the unit that RocketMQ's key has.

                | Setting | RocketMQ's name | Default | Allowed | What it does |
                |---|---|---|---|---|
                """);
        for (Setting<?> s : Settings.all()) {
            page.append("| `")
                    .append(s.name())
                    .append("` | ")
                    .append(code(s.aliases()))
                    .append(" | ");
            page.append(s.defaultText().isEmpty() ? "–" : "`" + cell(s.defaultText()) + "`")
                    .append(" | ");
            page.append(cell(s.kind().allowed()))
                    .append(" | ")
                    .append(cell(s.what()))
                    .append(" |\n");
        }
        page.append("\n## What changes while the server runs\n\n");
        page.append("`mqadmin updateBrokerConfig` changes these of a running broker:\n");
        Settings.all().stream()
                .filter(Settings::changesAtRunTime)
                .forEach(s -> page.append("`").append(s.name()).append("` "));
        page.append("""
                – all that a request names, or none. A change holds until the server stops: the configuration file is yours and is not written, so write there what is to stay; `mqadmin getBrokerConfig` shows what holds now. Other settings are refused by name, with where they stand; an unknown key with the closest known one.
                """);
        page.append("\n## Keys of RocketMQ that are accepted and not needed\n\n");
        page.append("They may stay in a file; the start block names those it met.\n\n| Why | Keys |\n|---|---|\n");
        Map<String, StringBuilder> byWhy = new LinkedHashMap<>();
        for (String key : IgnoredSettings.keys()) {
            String only = IgnoredSettings.only(key);
            byWhy.computeIfAbsent(String.valueOf(IgnoredSettings.why(key)), why -> new StringBuilder())
                    .append(" `")
                    .append(only == null ? key : key + "=" + only)
                    .append('`');
        }
        byWhy.forEach((why, keys) ->
                page.append("| ").append(why).append(" |").append(keys).append(" |\n"));
        page.append("\nThose written with a value are accepted with that value only.\n");
        return page.toString();
    }

    private static String code(List<String> names) {
        return names.isEmpty() ? "–" : "`" + String.join("`, `", names) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
