package io.podlb.control.admin;

import io.podlb.server.DrainReceipt;
import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Receipts of drained endpoints as JSON, for {@code GET /api/v1/drains}: the latest, the oldest first. */
final class DrainsJson {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private DrainsJson() {}

    static String of(List<DrainReceipt> receipts) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode drains = json.putArray("drains");
        receipts.forEach(receipt -> write(receipt, drains.addObject()));
        return JSON.writeValueAsString(json);
    }

    private static void write(DrainReceipt receipt, ObjectNode json) {
        json.put("namespace", receipt.port().namespace())
                .put("service", receipt.port().service())
                .put("port", receipt.port().port())
                .put("protocol", receipt.port().protocol().name())
                .put("family", receipt.port().family().kubernetesName())
                .put("backend", receipt.backend().toString())
                .put("pod", receipt.pod())
                .put("connections", receipt.counts().connections())
                .put("byThemselves", receipt.counts().byThemselves())
                .put("byFin", receipt.counts().byFin())
                .put("cut", receipt.counts().cut())
                .put("milliseconds", receipt.millis());
    }
}
