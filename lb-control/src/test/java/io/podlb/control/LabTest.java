package io.podlb.control;

import static io.podlb.control.DockerFolder.PATH;
import static io.podlb.control.DockerFolder.STRICT;
import static io.podlb.control.DockerFolder.elements;
import static io.podlb.control.DockerFolder.yaml;
import static io.podlb.control.DockerFolder.yamls;
import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The lab of {@code docker/compose.yaml}: what its manifests say is what its containers are. */
class LabTest {

    @Test
    void theLabHasNoProblemsAndEveryNginxIsAPodOfIt() {
        String lab = PATH.resolve("lab").toString();
        Lb.Result checked = Lb.run("validate", "-f", lab, "--node-name", "lab");
        assertThat(checked.out()).isEqualTo("2 Services, 0 errors, 0 warnings, 0 notes" + System.lineSeparator());
        assertThat(checked.status()).isZero();

        Map<String, String> pods = new TreeMap<>();
        for (JsonNode pod : yamls(PATH.resolve("lab/pods.yaml"))) {
            pods.put(
                    pod.at("/metadata/name").asString(), pod.at("/status/podIP").asString());
        }
        Map<String, String> containers = new TreeMap<>();
        JsonNode compose = compose();
        JsonNode services = compose.get("services");
        Cidr network =
                Cidr.parse(compose.at("/networks/pods/ipam/config/0/subnet").asString());
        for (String name : services.propertyNames()) {
            String address =
                    services.get(name).at("/networks/pods/ipv4_address").asString();
            assertThat(network.contains(InetAddresses.parse(address))).as(name).isTrue();
            if (!name.equals("podlb")) {
                assertThat(services.get(name).get("<<")).as(name).isEqualTo(compose.get("x-web"));
                containers.put(services.get(name).get("hostname").asString(), address);
            }
        }
        assertThat(containers)
                .isEqualTo(pods)
                .hasSize(3)
                .doesNotContainValue(
                        services.at("/podlb/networks/pods/ipv4_address").asString());
    }

    @Test
    void theLabServesTheNodePortThatItsContainerPublishes() {
        JsonNode podlb = compose().at("/services/podlb");
        List<String> command =
                elements(podlb.get("command")).map(JsonNode::asString).toList();
        assertThat(command).startsWith("run");
        List<String> words = new ArrayList<>(List.of("explain", "-o", "json"));
        command.subList(1, command.size())
                .forEach(word ->
                        words.add(word.equals("/lab") ? PATH.resolve("lab").toString() : word));
        Map<String, String> environment = new TreeMap<>();
        podlb.get("environment")
                .properties()
                .forEach(variable ->
                        environment.put(variable.getKey(), variable.getValue().asString()));
        // explain has no admin endpoint; run takes the same variable.
        assertThat(environment).containsEntry("PODLB_ADMIN", "0.0.0.0:10249").containsEntry("PODLB_NODE_NAME", "lab");
        Lb.Result explained = Lb.run(environment, words.toArray(String[]::new));
        assertThat(explained.err()).isEmpty();
        JsonNode nodePort = elements(STRICT.readTree(explained.out()).get("services"))
                .filter(service -> service.get("type").asString().equals("NodePort"))
                .findFirst()
                .orElseThrow()
                .at("/ports/0");
        assertThat(nodePort.at("/frontends/1/endpoints")).hasSize(3);
        String port = nodePort.get("nodePort").asString();
        assertThat(elements(podlb.get("ports")).map(JsonNode::asString))
                .containsExactly(port + ":" + port, "127.0.0.1:10249:10249");
    }

    @Test
    void whatTheLabMountsAndBuildsFromIsThere() {
        JsonNode compose = compose();
        assertThat(compose.propertyNames())
                .containsExactlyInAnyOrder("name", "x-web", "services", "networks", "configs");
        assertThat(PATH.resolve(compose.at("/configs/nginx/file").asString())).isRegularFile();
        assertThat(compose.at("/x-web/configs/0/source").asString()).isEqualTo("nginx");
        JsonNode podlb = compose.at("/services/podlb");
        String[] volume = podlb.at("/volumes/0").asString().split(":");
        assertThat(PATH.resolve(volume[0])).isDirectory();
        assertThat(List.of(volume).subList(1, 3)).containsExactly("/lab", "ro");
        Path context = PATH.resolve(podlb.at("/build/context").asString());
        assertThat(context.resolve("pom.xml")).isRegularFile();
        assertThat(context.resolve(podlb.at("/build/dockerfile").asString())).isRegularFile();
        assertThat(podlb.get("read_only").asBoolean()).isTrue();
        assertThat(podlb.at("/tmpfs/0").asString())
                .as("native libraries are loaded from there")
                .startsWith("/tmp:exec,");
        assertThat(podlb.at("/cap_drop/0").asString()).isEqualTo("ALL");
    }

    private static JsonNode compose() {
        return yaml(PATH.resolve("compose.yaml"));
    }
}
