package io.podlb.control.admin;

import io.podlb.server.fault.FaultView;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.ServicePortName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Faults as JSON, for {@code /api/v1/faults}: every rule as it is written, with what it has done; and back. */
final class FaultsJson {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String EXPECTED = "{\"rules\": [\"latency=100ms; service=default/web\"]}";

    private FaultsJson() {}

    static String of(List<FaultView> faults) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode all = json.putArray("faults");
        faults.forEach(fault -> write(fault, all.addObject()));
        return JSON.writeValueAsString(json);
    }

    /** What was set over HTTP has no service port; what a Service or a Pod asks for has that of its Service. */
    private static void write(FaultView fault, ObjectNode json) {
        Duration left = fault.left();
        ServicePortName port = fault.port();
        json.put("rule", fault.rule().toString())
                .put("fault", fault.rule().fault().label())
                .put("remainingMilliseconds", left == null ? null : (Long) left.toMillis())
                .put("hits", fault.hits())
                .put("origin", port == null ? "admin" : "annotation");
        if (port != null) {
            json.put("namespace", port.namespace())
                    .put("service", port.service())
                    .put("port", port.port())
                    .put("protocol", port.protocol().name())
                    .put("family", port.family().kubernetesName());
        }
    }

    /**
     * Reads a whole set, {@code {"rules": ["refuse; pod=web-1"]}}.
     *
     * @throws IllegalArgumentException in one line with what is wrong
     */
    static FaultSet read(byte[] body) {
        JsonNode tree;
        try {
            tree = JSON.readTree(new String(body, StandardCharsets.UTF_8));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "the body is no JSON (" + e.getOriginalMessage() + "); send " + EXPECTED, e);
        }
        if (!tree.isObject() || tree.size() != 1 || !tree.path("rules").isArray()) {
            throw new IllegalArgumentException("the body is no object with rules alone; send " + EXPECTED);
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode rule : tree.path("rules")) {
            if (!rule.isString()) {
                throw new IllegalArgumentException("rule " + (texts.size() + 1) + ": no text; send " + EXPECTED);
            }
            texts.add(rule.asString());
        }
        return FaultSet.parse(texts);
    }
}
