package org.merlinmq.verification.clients;

import java.io.PrintStream;
import java.util.Collection;

/** Writes one line of flat JSON per fact; all values are strings. Threading: any thread, a line at a time. */
final class Report {
    private final PrintStream out;

    Report(PrintStream out) {
        this.out = out;
    }

    void scenarios(Collection<String> names) {
        line("scenarios", String.join(" ", names));
    }

    void fact(String scenario, String fact, Object value) {
        line("scenario", scenario, "fact", fact, "value", String.valueOf(value));
    }

    void passed(String scenario, long millis) {
        line("scenario", scenario, "result", "passed", "millis", Long.toString(millis));
    }

    void failed(String scenario, long millis, String sentence) {
        line("scenario", scenario, "result", "failed", "millis", Long.toString(millis), "sentence", sentence);
    }

    private synchronized void line(String... namesAndValues) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < namesAndValues.length; i += 2) {
            json.append(i == 0 ? "" : ",");
            quote(json, namesAndValues[i]);
            json.append(':');
            quote(json, namesAndValues[i + 1]);
        }
        out.println(json.append('}'));
        out.flush();
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
