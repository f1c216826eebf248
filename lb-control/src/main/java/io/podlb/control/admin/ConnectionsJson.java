package io.podlb.control.admin;

import io.podlb.server.relay.ConnectionView;
import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Connections as JSON, for {@code GET /api/v1/connections}: the open ones and the latest that have ended. */
final class ConnectionsJson {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private ConnectionsJson() {}

    static String of(List<ConnectionView> views) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode connections = json.putArray("connections");
        views.forEach(view -> write(view, connections.addObject()));
        return JSON.writeValueAsString(json);
    }

    private static void write(ConnectionView view, ObjectNode json) {
        json.put("id", view.id())
                .put("namespace", view.port().namespace())
                .put("service", view.port().service())
                .put("port", view.port().port())
                .put("protocol", view.port().protocol().name())
                .put("family", view.port().family().kubernetesName())
                .put("client", view.client().toString());
        json.putObject("frontend")
                .put("kind", view.frontend().kind().label())
                .put("bound", view.frontend().bind().toString());
        json.put("backend", view.backend() == null ? null : view.backend().toString())
                .put("pod", view.pod())
                .put(
                        "pickReason",
                        view.pickReason() == null ? null : view.pickReason().toString())
                .put("attempts", view.attempts())
                .put("bytesToBackend", view.bytesToBackend())
                .put("bytesToClient", view.bytesToClient())
                .put("milliseconds", view.millis())
                .put(
                        "endReason",
                        view.endReason() == null ? null : view.endReason().label());
    }
}
