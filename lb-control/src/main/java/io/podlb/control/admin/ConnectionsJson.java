package io.podlb.control.admin;

import io.podlb.server.backend.Backend;
import io.podlb.server.relay.Attempt;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.relay.FlowView;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

    private static void write(ConnectionView view, ObjectNode json) {
        write(view.id(), view.ordinal(), view.port(), view.client(), view.frontend(), json);
        writeChoice(view.policy(), view.candidates(), view.tries(), json);
        view.faults().forEach(json.putArray("faults")::add);
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

    private static void write(FlowView view, ObjectNode json) {
        write(view.id(), view.ordinal(), view.port(), view.client(), view.frontend(), json);
        writeChoice(view.policy(), view.candidates(), view.tries(), json);
        view.faults().forEach(json.putArray("faults")::add);
        json.put("backend", view.backend() == null ? null : view.backend().toString())
                .put("pod", view.pod())
                .put(
                        "pickReason",
                        view.pickReason() == null ? null : view.pickReason().toString())
                .put("attempts", view.attempts())
                .put("bytesToBackend", view.bytesToBackend())
                .put("bytesToClient", view.bytesToClient())
                .put("milliseconds", view.millis())
                .put("endReason", view.end() == null ? null : view.end().label());
    }

    /** What could be chosen, and what became of it; the candidates may be many, so they are only counted. */
    private static void writeChoice(String policy, List<Backend> candidates, List<Attempt> tries, ObjectNode json) {
        json.put("policy", policy).put("candidates", candidates.size());
        ArrayNode all = json.putArray("tries");
        for (Attempt attempt : tries) {
            all.addObject()
                    .put("backend", attempt.backend().address().toString())
                    .put("pod", attempt.backend().pod())
                    .put("pickReason", attempt.reason().toString())
                    .put("outcome", attempt.outcome().label())
                    .put("milliseconds", TimeUnit.NANOSECONDS.toMillis(attempt.nanos()));
        }
    }

    private static void write(
            long id,
            long ordinal,
            ServicePortName port,
            SocketAddressSpec client,
            FrontendSpec frontend,
            ObjectNode json) {
        json.put("id", id)
                .put("ordinal", ordinal)
                .put("namespace", port.namespace())
                .put("service", port.service())
                .put("port", port.port())
                .put("protocol", port.protocol().name())
                .put("family", port.family().kubernetesName())
                .put("client", client.toString());
        json.putObject("frontend")
                .put("kind", frontend.kind().label())
                .put("bound", frontend.bind().toString());
    }
}
