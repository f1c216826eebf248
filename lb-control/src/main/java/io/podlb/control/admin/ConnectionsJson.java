package io.podlb.control.admin;

import io.podlb.server.relay.Attempt;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.relay.FlowView;
import io.podlb.server.relay.RelayView;
import io.podlb.server.service.ServicePortName;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Connections and UDP flows as JSON, for {@code GET /api/v1/connections}: the open ones and the latest that have ended.
 * Both have the same fields; {@code protocol} tells them apart.
 */
final class ConnectionsJson {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ConnectionsJson() {}

    static String of(List<ConnectionView> connections, List<FlowView> flows) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode all = json.putArray("connections");
        connections.forEach(view -> write(view, all.addObject()));
        flows.forEach(view -> write(view, all.addObject()));
        return JSON.writeValueAsString(json);
    }

    private static void write(RelayView view, ObjectNode json) {
        writeIdentity(view, json);
        writeChoice(view, json);
        view.faults().forEach(json.putArray("faults")::add);
        json.put("backend", text(view.backend()))
                .put("pod", view.pod())
                .put("pickReason", text(view.pickReason()))
                .put("attempts", view.attempts())
                .put("bytesToBackend", view.bytesToBackend())
                .put("bytesToClient", view.bytesToClient())
                .put("milliseconds", view.millis())
                .put("endReason", view.endLabel());
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    /** What could be chosen, and what became of it; the candidates may be many, so they are only counted. */
    private static void writeChoice(RelayView view, ObjectNode json) {
        json.put("policy", view.policy()).put("candidates", view.candidates().size());
        ArrayNode all = json.putArray("tries");
        for (Attempt attempt : view.tries()) {
            all.addObject()
                    .put("backend", attempt.backend().address().toString())
                    .put("pod", attempt.backend().pod())
                    .put("pickReason", attempt.reason().toString())
                    .put("outcome", attempt.outcome().label())
                    .put("milliseconds", TimeUnit.NANOSECONDS.toMillis(attempt.nanos()));
        }
    }

    private static void writeIdentity(RelayView view, ObjectNode json) {
        ServicePortName port = view.port();
        json.put("id", view.id())
                .put("ordinal", view.ordinal())
                .put("namespace", port.namespace())
                .put("service", port.service())
                .put("port", port.port())
                .put("protocol", port.protocol().name())
                .put("family", port.family().kubernetesName())
                .put("client", view.client().toString());
        json.putObject("frontend")
                .put("kind", view.frontend().kind().label())
                .put("bound", view.frontend().bind().toString());
    }
}
