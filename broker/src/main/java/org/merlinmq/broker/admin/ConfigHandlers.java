package org.merlinmq.broker.admin;

import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import org.merlinmq.broker.dispatch.Answer;
import org.merlinmq.broker.dispatch.Handlers;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Shows and changes settings as properties text.
 *
 * <p>Source: requests 25 and 26.
 */
final class ConfigHandlers {
    private final ConfigView config;

    ConfigHandlers(ConfigView config) {
        this.config = config;
    }

    void register(Handlers handlers) {
        handlers.blocking(RequestCode.GET_BROKER_CONFIG, request -> show())
                .blocking(RequestCode.UPDATE_BROKER_CONFIG, request -> update(request.body()));
    }

    Answer show() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(config.settings())
                .forEach((name, value) ->
                        text.append(name).append('=').append(value).append('\n'));
        ConfigView.Version version = config.version();
        byte[] json = new JsonWriter()
                .beginObject()
                .field("counter", version.counter())
                .field("stateVersion", 0)
                .field("timestamp", version.millis())
                .endObject()
                .toByteArray();
        return Answer.ok(
                out -> out.put("version", new String(json, StandardCharsets.UTF_8)),
                text.toString().getBytes(StandardCharsets.UTF_8));
    }

    Answer update(byte[] body) {
        Refusal refusal = config.update(PropertiesText.read(body));
        return refusal == null ? Answer.ok() : Answer.refuse(refusal);
    }
}
