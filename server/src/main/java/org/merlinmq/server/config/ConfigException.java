package org.merlinmq.server.config;

import java.util.List;

/** The configuration is wrong; the message names every error, one sentence each. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** All errors: one sentence each, with place, key and allowed values. */
    public List<String> problems() {
        return problems;
    }
}
