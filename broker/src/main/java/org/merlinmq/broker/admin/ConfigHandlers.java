package org.merlinmq.broker.admin;

import java.nio.charset.StandardCharsets;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.PropertiesText;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.reply.BrokerConfigReply;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Shows and changes settings as properties text.
 *
 * <p>Source: requests 25 and 26.
 */
public final class ConfigHandlers {
    private final ConfigView config;

    /**
     * Handlers over the settings.
     *
     * @param config the settings
     */
    public ConfigHandlers(ConfigView config) {
        this.config = config;
    }

    /**
     * Registers requests 25 and 26.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(RequestCode.GET_BROKER_CONFIG, Access.of(Resource.CLUSTER, Action.GET), request -> show())
                .blocking(
                        RequestCode.UPDATE_BROKER_CONFIG,
                        Access.of(Resource.CLUSTER, Action.UPDATE),
                        request -> update(request.body()));
    }

    Answer show() {
        ConfigView.Version version = config.version();
        byte[] json = new DataVersion(version.counter(), 0, version.millis()).write();
        return Answer.ok(
                new BrokerConfigReply(new String(json, StandardCharsets.UTF_8)),
                PropertiesText.write(config.settings()));
    }

    Answer update(byte[] body) {
        Refusal refusal = config.update(PropertiesText.read(body));
        return refusal == null ? Answer.ok() : Answer.refuse(refusal);
    }
}
