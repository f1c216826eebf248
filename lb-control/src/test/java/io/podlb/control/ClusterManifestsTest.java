package io.podlb.control;

import static io.podlb.control.DockerFolder.PATH;
import static io.podlb.control.DockerFolder.elements;
import static io.podlb.control.DockerFolder.read;
import static io.podlb.control.DockerFolder.strict;
import static io.podlb.control.DockerFolder.yaml;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.JsonNode;

/** The manifests under {@code docker/kustomize}, as a strict API server would read them. */
class ClusterManifestsTest {

    private static final Path BASE = PATH.resolve("kustomize/base");
    private static final Path ONE_SERVICE = PATH.resolve("kustomize/overlays/one-service");

    private static final String NAMESPACE = "kube-system";

    /** What {@code lb node} takes. */
    private static final CommandSpec NODE = CommandLines.create(
                    Map.of(), new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter()))
            .getSubcommands()
            .get("node")
            .getCommandSpec();

    @Test
    void everyObjectOfTheBaseIsOneThatTheApiServerKnowsFieldByField() {
        assertThat(listed(BASE, "resources"))
                .containsExactlyInAnyOrder(
                        "serviceaccount.yaml", "clusterrole.yaml", "clusterrolebinding.yaml", "daemonset.yaml");
        for (String file : listed(BASE, "resources")) {
            JsonNode tree = yaml(BASE.resolve(file));
            Class<?> type =
                    Serialization.unmarshal(tree.toString(), HasMetadata.class).getClass();
            assertThat(type).as(file).isNotEqualTo(GenericKubernetesResource.class);
            HasMetadata object = (HasMetadata) strict(tree, type);
            assertThat(object.getMetadata().getName()).isEqualTo("podlb");
            assertThat(object.getMetadata().getLabels()).as(file).containsEntry("app.kubernetes.io/name", "podlb");
            boolean namespaced = object instanceof ServiceAccount || object instanceof DaemonSet;
            assertThat(object.getMetadata().getNamespace()).as(file).isEqualTo(namespaced ? NAMESPACE : null);
        }
    }

    @Test
    void everyFileBelongsToTheKustomizationOfItsFolder() throws IOException {
        Set<Path> kustomized = new TreeSet<>();
        for (Path folder : List.of(BASE, ONE_SERVICE)) {
            JsonNode kustomization = yaml(folder.resolve("kustomization.yaml"));
            assertThat(kustomization.propertyNames())
                    .isSubsetOf("apiVersion", "kind", "namespace", "resources", "images", "patches");
            assertThat(kustomization.get("apiVersion").asString()).isEqualTo("kustomize.config.k8s.io/v1beta1");
            kustomized.add(folder.resolve("kustomization.yaml"));
            listed(folder, "resources")
                    .forEach(name -> kustomized.add(folder.resolve(name).normalize()));
            elements(kustomization.path("patches")).forEach(patch -> {
                assertThat(patch.get("target").get("kind").asString()).isEqualTo("DaemonSet");
                assertThat(patch.get("target").get("name").asString()).isEqualTo("podlb");
                kustomized.add(folder.resolve(patch.get("path").asString()));
            });
        }
        assertThat(kustomized.remove(BASE)).as("the overlay stands on the base").isTrue();
        try (Stream<Path> files = Files.walk(PATH.resolve("kustomize"))) {
            assertThat(files.filter(Files::isRegularFile)).containsExactlyInAnyOrderElementsOf(kustomized);
        }
        assertThat(yaml(BASE.resolve("kustomization.yaml")).get("namespace").asString())
                .isEqualTo(NAMESPACE);
    }

    @Test
    void theAccountMayListAndWatchWhatPodlbReadsCreateEventsAndNothingElse() {
        ClusterRole role = read(BASE.resolve("clusterrole.yaml"), ClusterRole.class);
        List<String> granted = new ArrayList<>();
        role.getRules().forEach(rule -> {
            assertThat(rule.getNonResourceURLs()).isEmpty();
            assertThat(rule.getResourceNames()).isEmpty();
            rule.getApiGroups()
                    .forEach(group -> rule.getResources()
                            .forEach(resource -> rule.getVerbs()
                                    .forEach(verb -> granted.add(
                                            verb + " " + resource + (group.isEmpty() ? "" : "." + group)))));
        });
        assertThat(role.getAggregationRule()).isNull();
        assertThat(granted)
                .containsExactlyInAnyOrder(
                        "list services",
                        "watch services",
                        "list nodes",
                        "watch nodes",
                        "list endpointslices.discovery.k8s.io",
                        "watch endpointslices.discovery.k8s.io",
                        "create events",
                        "list servicecidrs.networking.k8s.io");

        ClusterRoleBinding binding = read(BASE.resolve("clusterrolebinding.yaml"), ClusterRoleBinding.class);
        assertThat(binding.getRoleRef().getKind()).isEqualTo(role.getKind());
        assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
        assertThat(binding.getRoleRef().getApiGroup()).isEqualTo("rbac.authorization.k8s.io");
        ServiceAccount account = read(BASE.resolve("serviceaccount.yaml"), ServiceAccount.class);
        assertThat(binding.getSubjects()).singleElement().satisfies(subject -> {
            assertThat(subject.getKind()).isEqualTo(account.getKind());
            assertThat(subject.getName()).isEqualTo(account.getMetadata().getName());
            assertThat(subject.getNamespace()).isEqualTo(account.getMetadata().getNamespace());
        });
        assertThat(base().getSpec().getTemplate().getSpec().getServiceAccountName())
                .isEqualTo(account.getMetadata().getName());
    }

    @Test
    void podlbMayDoNoMoreThanOpenLowPortsAndSetItsRoute() {
        SecurityContext context = container(base()).getSecurityContext();
        assertThat(context.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(context.getCapabilities().getAdd()).containsExactlyInAnyOrder("NET_ADMIN", "NET_BIND_SERVICE");
        assertThat(context.getRunAsUser())
                .as("added capabilities have no effect for another user")
                .isZero();
        assertThat(context.getPrivileged()).isFalse();
        assertThat(context.getAllowPrivilegeEscalation()).isFalse();
        assertThat(context.getReadOnlyRootFilesystem()).isTrue();
        assertThat(context.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        PodSpec pod = base().getSpec().getTemplate().getSpec();
        assertThat(pod.getSecurityContext()).isNull();
        assertThat(pod.getHostPID()).isNull();
        assertThat(pod.getHostIPC()).isNull();

        VolumeMount mount = container(base()).getVolumeMounts().get(0);
        assertThat(mount.getMountPath())
                .as("where native libraries are unpacked")
                .isEqualTo("/tmp");
        assertThat(mount.getReadOnly()).isNull();
        assertThat(pod.getVolumes()).singleElement().satisfies(volume -> {
            assertThat(volume.getEmptyDir()).isNotNull();
            assertThat(volume.getName()).isEqualTo(mount.getName());
        });
    }

    @Test
    void podlbRunsOnTheNetworkOfEveryNodeBeforeAnythingElse() {
        DaemonSet set = base();
        PodSpec pod = set.getSpec().getTemplate().getSpec();
        assertThat(set.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels());
        assertThat(pod.getHostNetwork()).isTrue();
        assertThat(pod.getDnsPolicy()).as("no Service is needed to resolve").isEqualTo("Default");
        assertThat(pod.getPriorityClassName()).isEqualTo("system-node-critical");
        assertThat(pod.getNodeSelector()).isEqualTo(Map.of("kubernetes.io/os", "linux"));
        assertThat(pod.getTolerations()).singleElement().satisfies(toleration -> {
            assertThat(toleration.getOperator()).isEqualTo("Exists");
            assertThat(toleration.getKey()).isNull();
            assertThat(toleration.getEffect()).isNull();
        });
        assertThat(set.getSpec().getUpdateStrategy().getType()).isEqualTo("RollingUpdate");
        assertThat(set.getSpec()
                        .getUpdateStrategy()
                        .getRollingUpdate()
                        .getMaxUnavailable()
                        .getIntVal())
                .isEqualTo(1);
        assertThat(set.getSpec().getUpdateStrategy().getRollingUpdate().getMaxSurge())
                .as("two of them cannot listen on one node")
                .isNull();
        assertThat(container(set).getResources().getRequests()).containsOnlyKeys("cpu", "memory");
        assertThat(container(set).getResources().getLimits())
                .as("a limit of CPU would throttle")
                .containsOnlyKeys("memory");
    }

    @Test
    void openConnectionsMayFinishBeforeThePodIsKilled() throws Exception {
        String drain = container(base()).getArgs().stream()
                .filter(word -> word.startsWith("--drain-timeout="))
                .map(word -> word.substring(word.indexOf('=') + 1))
                .findFirst()
                .orElseThrow();
        assertThat(new Converters.OfDuration().convert(drain))
                .isLessThan(Duration.ofSeconds(
                        base().getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds()));
    }

    @Test
    void thePodIsToldItsNodeAndAskedWhereItListens() {
        asksWhereItListens(base(), "127.0.0.1:10249");
    }

    @Test
    void theOverlayServesLabelledServicesBesideKubeProxy() {
        DaemonSet set = overlaid();
        asksWhereItListens(set, "127.0.0.1:10349");
        assertThat(container(set).getArgs())
                .contains("--master=https://CONTROL_PLANE:6443", "--proxy-name=podlb")
                .startsWith(container(base()).getArgs().toArray(String[]::new));
        assertThat(yaml(ONE_SERVICE.resolve("kustomization.yaml"))
                        .at("/images/0/name")
                        .asString())
                .isEqualTo(container(base()).getImage().split(":")[0]);
    }

    private static void asksWhereItListens(DaemonSet set, String admin) {
        Container container = container(set);
        assertThat(container.getArgs().get(0)).isEqualTo("node");
        for (String word : container.getArgs().subList(1, container.getArgs().size())) {
            assertThat(NODE.findOption(word.split("=")[0])).as(word).isNotNull();
        }
        assertThat(NODE.options().stream().map(Environment::variable))
                .containsAll(container.getEnv().stream().map(EnvVar::getName).toList());
        assertThat(variable(container, "PODLB_NODE_NAME")
                        .getValueFrom()
                        .getFieldRef()
                        .getFieldPath())
                .isEqualTo("spec.nodeName");
        assertThat(variable(container, "PODLB_ADMIN").getValue()).isEqualTo(admin);
        String[] address = admin.split(":");
        int port = Integer.parseInt(address[1]);
        assertThat(container.getPorts()).singleElement().satisfies(declared -> {
            assertThat(declared.getContainerPort()).isEqualTo(port);
            assertThat(declared.getHostIP()).isEqualTo(address[0]);
        });
        Map<String, HTTPGetAction> probes = Map.of(
                "/livez, at start", container.getStartupProbe().getHttpGet(),
                "/livez", container.getLivenessProbe().getHttpGet(),
                "/readyz", container.getReadinessProbe().getHttpGet());
        probes.forEach((name, probe) -> {
            assertThat(probe.getPath()).isEqualTo(name.split(",")[0]);
            assertThat(probe.getHost())
                    .as("loopback, by a name that is answered")
                    .isEqualTo(address[0]);
            assertThat(probe.getPort().getIntVal()).as(name).isEqualTo(port);
            assertThat(probe.getHttpHeaders()).as(name).isEmpty();
        });
    }

    private static DaemonSet base() {
        return read(BASE.resolve("daemonset.yaml"), DaemonSet.class);
    }

    /** As kustomize makes it. */
    private static DaemonSet overlaid() {
        JsonNode tree = yaml(BASE.resolve("daemonset.yaml"));
        for (JsonNode patch : yaml(ONE_SERVICE.resolve("kustomization.yaml")).get("patches")) {
            tree = JsonPatch.apply(yaml(ONE_SERVICE.resolve(patch.get("path").asString())), tree);
        }
        return strict(tree, DaemonSet.class);
    }

    private static Container container(DaemonSet set) {
        List<Container> containers = set.getSpec().getTemplate().getSpec().getContainers();
        assertThat(containers).hasSize(1);
        return containers.get(0);
    }

    private static EnvVar variable(Container container, String name) {
        return container.getEnv().stream()
                .filter(variable -> variable.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> listed(Path folder, String field) {
        return elements(yaml(folder.resolve("kustomization.yaml")).get(field))
                .map(JsonNode::asString)
                .toList();
    }
}
