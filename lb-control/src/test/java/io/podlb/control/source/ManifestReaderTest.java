package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestReaderTest {

    private static final String WEB = """
            apiVersion: v1
            kind: Service
            metadata:
              name: web
            spec:
              ports:
                - port: 80
            """;

    @TempDir
    Path folder;

    @Test
    void theStoryOfTheReadmeIsRead() throws IOException {
        write("my-webapp.yaml", """
                # three Pods behind two Services
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: my-webapp
                spec:
                  replicas: 3
                  selector: {matchLabels: {app: my-webapp}}
                  template:
                    metadata:
                      labels:
                        app: my-webapp
                    spec:
                      containers:
                        - name: web
                          image: nginx:latest
                          resources: {limits: {cpu: 1, memory: 64Mi}}
                          ports:
                            - containerPort: 80
                ---
                apiVersion: v1
                kind: Service
                metadata:
                  name: my-webapp-nodeport
                spec:
                  type: NodePort
                  selector:
                    app: my-webapp
                  ports:
                    - protocol: TCP
                      port: 80        # inside
                      targetPort: 80  # on the Pods
                      nodePort: 30080
                """);
        Loaded loaded = read();
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.state().workloads())
                .extracting(Sourced::title)
                .containsExactly("Deployment default/my-webapp");
        Sourced<Service> service = loaded.state().services().get(0);
        assertThat(service.origin()).hasToString(folder.resolve("my-webapp.yaml") + ", document 2");
        assertThat(service.object().getMetadata().getNamespace()).isEqualTo("default");
        ServicePort port = service.object().getSpec().getPorts().get(0);
        assertThat(port.getTargetPort().getIntVal()).isEqualTo(80);
        assertThat(port.getNodePort()).isEqualTo(30080);
    }

    @Test
    void everyKindThatMattersIsReadIntoItsClass() throws IOException {
        write("all.yaml", """
                {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
                ---
                {apiVersion: v1, kind: Node, metadata: {name: n0, labels: {topology.kubernetes.io/zone: a}}}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: web-0, namespace: shop, deletionTimestamp: "2026-01-01T00:00:00Z"}
                status: {phase: Running, podIP: 10.244.0.5, podIPs: [{ip: 10.244.0.5}], conditions: [{type: Ready, status: "True"}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{name: "", port: 80, protocol: TCP}]
                endpoints:
                  - addresses: [10.244.0.5]
                    conditions: {ready: true, serving: true, terminating: false}
                    hints: {forZones: [{name: a}]}
                ---
                apiVersion: v1
                kind: Endpoints
                metadata: {name: old, namespace: shop}
                subsets: [{addresses: [{ip: 10.244.0.6}], ports: [{port: 80}]}]
                ---
                {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}, spec: {replicas: 2}}
                ---
                {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: s}, spec: {serviceName: s}}
                """);
        ClusterState state = read().state();
        assertThat(read().problems()).isEmpty();
        assertThat(state.pods()
                        .get(0)
                        .object()
                        .getStatus()
                        .getConditions()
                        .get(0)
                        .getStatus())
                .isEqualTo("True");
        assertThat(state.nodes().get(0).object().getMetadata().getLabels())
                .containsEntry("topology.kubernetes.io/zone", "a");
        assertThat(state.endpointSlices()
                        .get(0)
                        .object()
                        .getEndpoints()
                        .get(0)
                        .getHints()
                        .getForZones())
                .hasSize(1);
        assertThat(state.endpoints()
                        .get(0)
                        .object()
                        .getSubsets()
                        .get(0)
                        .getPorts()
                        .get(0)
                        .getPort())
                .isEqualTo(80);
        assertThat(state.workloads())
                .extracting(Sourced::title)
                .containsExactly("ReplicaSet default/r", "StatefulSet default/s");
    }

    @Test
    void listsAsKubectlPrintsThemAreOpened() throws IOException {
        write(
                "list.yaml",
                "apiVersion: v1\nitems:\n- " + indented(WEB) + "kind: List\nmetadata: {resourceVersion: \"\"}\n");
        write("services.json", """
                {"apiVersion": "v1", "kind": "ServiceList", "items": [
                \t{"metadata": {"name": "a"}, "spec": {"ports": [{"port": 1, "targetPort": "http"}]}},
                \t{"metadata": {"name": "b\\u002dc"}, "spec": {"ports": [{"port": 2}]}}]}
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
                """);
        Loaded loaded = read();
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.state().services())
                .extracting(Sourced::title)
                .containsExactly("Service default/web", "Service default/a", "Service default/b-c");
        assertThat(loaded.state()
                        .services()
                        .get(1)
                        .object()
                        .getSpec()
                        .getPorts()
                        .get(0)
                        .getTargetPort()
                        .getStrVal())
                .isEqualTo("http");
        assertThat(loaded.state().pods().get(0).origin().document()).isEqualTo(2);
    }

    @Test
    void aQuotedTargetPortStaysText() throws IOException {
        write("web.yaml", WEB + "      targetPort: \"80\"\n");
        ServicePort port =
                read().state().services().get(0).object().getSpec().getPorts().get(0);
        assertThat(port.getTargetPort().getStrVal()).isEqualTo("80");
        assertThat(port.getTargetPort().getIntVal()).isNull();
    }

    @Test
    void anchorsAndMergeKeysWork() throws IOException {
        write("web.yaml", """
                apiVersion: v1
                kind: Service
                metadata: {name: web, labels: &labels {app: web, tier: front}}
                spec:
                  selector:
                    tier: back
                    <<: *labels
                  ports: [{port: 80}]
                """);
        Loaded loaded = read();
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.state().services().get(0).object().getSpec().getSelector())
                .containsEntry("app", "web")
                .containsEntry("tier", "back");
    }

    @Test
    void fieldsWithoutValueAreAbsentAsInKubernetes() throws IOException {
        write(
                "web.yaml",
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  creationTimestamp: null\n  labels:\n    app:\nspec:\n  selector:\n  ports: []\nstatus:\n");
        Service service = read().state().services().get(0).object();
        assertThat(service.getMetadata().getLabels()).containsEntry("app", "");
        assertThat(service.getSpec().getSelector()).isNullOrEmpty();
    }

    /** A row: what is wrong, what stands in the file, and the problems that come of it. */
    private record Row(String name, String text, String... problems) {}

    private static final List<Row> MISTAKES = List.of(
            new Row(
                    "a port that is no number",
                    WEB.replace("80", "abc"),
                    "ERROR f.yaml, document 1: Service default/web: spec.ports[0].port: \"abc\" is text (expected: a whole number); write a whole number"),
            new Row(
                    "a port in quotes",
                    WEB.replace("80", "\"80\""),
                    "ERROR f.yaml, document 1: Service default/web: spec.ports[0].port: \"80\" is text (expected: a whole number); write it without quotes"),
            new Row(
                    "a port beyond 32 bits",
                    WEB.replace("80", "8000000000"),
                    "ERROR f.yaml, document 1: Service default/web: spec.ports[0].port: 8000000000 is a large or fractional number (expected: a whole number); write a whole number"),
            new Row(
                    "two mistakes in one object",
                    WEB.replace("80", "[]") + "  type: yes\n",
                    "ERROR f.yaml, document 1: Service default/web: spec.ports[0].port: a list is no single value (expected: a whole number); write a whole number",
                    "ERROR f.yaml, document 1: Service default/web: spec.type: true is a boolean, as are unquoted yes, no, on and off (expected: text); put it in quotes"),
            new Row(
                    "a misspelt field",
                    WEB + "      targetport: 80\n",
                    "WARNING f.yaml, document 1: Service default/web: spec.ports[0].targetport: unknown field, ignored; did you mean \"targetPort\"?"),
            new Row(
                    "a field like no other",
                    WEB + "colour: red\n",
                    "WARNING f.yaml, document 1: Service default/web: colour: unknown field, ignored; remove it or check its place"),
            new Row(
                    "a number as label",
                    WEB.replace("name: web", "name: web\n  labels: {a: 1}"),
                    "ERROR f.yaml, document 1: Service default/web: metadata.labels[a]: 1 is a number (expected: text); put it in quotes"),
            new Row(
                    "ports that are no list",
                    WEB.replace("    - port", "      port"),
                    "ERROR f.yaml, document 1: Service default/web: spec.ports: a mapping is no single value (expected: a list); begin each element with a dash"),
            new Row(
                    "an empty element",
                    WEB + "    -\n",
                    "ERROR f.yaml, document 1: Service default/web: spec.ports[1]: is empty; remove the dash or write something behind it"),
            new Row(
                    "no name",
                    WEB.replace("name: web", "generateName: web"),
                    "ERROR f.yaml, document 1: metadata.name: is missing; give the Service a name"),
            new Row(
                    "a name that is none",
                    WEB.replace("name: web", "name: Web"),
                    "ERROR f.yaml, document 1: Service default/Web: metadata.name: \"Web\" is no name; use a-z, 0-9, '-' and '.' alone"),
            new Row(
                    "another version of a known kind",
                    "apiVersion: discovery.k8s.io/v1beta1\nkind: EndpointSlice\nmetadata: {name: s}\n",
                    "ERROR f.yaml, document 1: apiVersion: \"discovery.k8s.io/v1beta1\" of EndpointSlice is not read; write discovery.k8s.io/v1"),
            new Row(
                    "no kind",
                    "apiVersion: v1\nmetadata: {name: s}\n",
                    "ERROR f.yaml, document 1: kind: is missing; write it as in a Kubernetes manifest"),
            new Row(
                    "no object at all",
                    "just words\n",
                    "ERROR f.yaml, document 1: \"just words\" is no Kubernetes object; write apiVersion, kind and metadata"),
            new Row(
                    "an element of a list without a name",
                    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n",
                    "ERROR f.yaml, document 1: items[0].metadata.name: is missing; give the Pod a name"),
            new Row(
                    "the line of a syntax error counts from the top of the file",
                    WEB + "---\n\nkind: [Service\napiVersion: v1\n",
                    "ERROR f.yaml, document 2: line 11, column 11: is no YAML: expected ',' or ']', but got :; mend the syntax or the indentation"),
            new Row(
                    "a field twice",
                    WEB + "kind: Pod\n",
                    "ERROR f.yaml, document 1: line 8, column 1: field \"kind\" is there twice; remove one of them"),
            new Row(
                    "a tab as indentation",
                    "kind: Service\nmetadata:\n\tname: web\n",
                    "ERROR f.yaml, document 1: line 3, column 1: is no YAML: a tab as indentation; mend the syntax or the indentation"),
            new Row(
                    "kinds that are not read, once each",
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n---\n{apiVersion: batch/v1, kind: Job}\n---\n{apiVersion: serving.knative.dev/v1, kind: Service}\n---\n"
                            + WEB,
                    "NOTE f.yaml, document 1: ConfigMap is ignored (2 objects)",
                    "NOTE f.yaml, document 3: Job.batch is ignored; give its Pods, or an EndpointSlice, if they are to be served",
                    "NOTE f.yaml, document 4: Service.serving.knative.dev is ignored"),
            new Row(
                    "one object twice",
                    WEB + "---\n# the same again\n" + WEB,
                    "ERROR f.yaml, document 2: Service default/web: is already defined in f.yaml, document 1; remove one of them or give it another name"));

    @Test
    void everyMistakeIsToldWithItsPlaceAndWhatToDo() throws IOException {
        for (Row row : MISTAKES) {
            Path file = write("f.yaml", row.text);
            assertThat(ManifestReader.read(List.of(file)).problems())
                    .as(row.name)
                    .extracting(problem ->
                            problem.severity() + " " + problem.toString().replace(folder + "/", ""))
                    .containsExactly(row.problems);
        }
    }

    @Test
    void aBrokenDocumentDoesNotHideTheOthers() throws IOException {
        write(
                "f.yaml",
                WEB + "---\n}{\n---\n" + WEB.replace("web", "shop") + "---\n"
                        + WEB.replace("web", "last").replace("80", "x"));
        write("g.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\"}} {\"kind\":\n,}");
        Loaded loaded = read();
        assertThat(loaded.state().services())
                .extracting(Sourced::title)
                .containsExactly("Service default/web", "Service default/shop");
        assertThat(loaded.state().pods()).hasSize(1);
        assertThat(loaded.problems())
                .extracting(problem -> String.valueOf(problem.origin()).replace(folder + "/", ""))
                .containsExactly("f.yaml, document 2", "f.yaml, document 4", "g.json, document 2");
        assertThat(loaded.problems().get(2).message()).startsWith("line 2, column 1: is no JSON: ");
    }

    @Test
    void objectsInTwoFilesNameBothPlaces() throws IOException {
        write("a.yaml", WEB);
        write("b.yaml", WEB.replace("80", "81"));
        Loaded loaded = read();
        assertThat(loaded.state().services()).hasSize(1);
        assertThat(loaded.problems().get(0))
                .hasToString(folder.resolve("b.yaml") + ", document 1: Service default/web: is already defined in "
                        + folder.resolve("a.yaml") + ", document 1; remove one of them or give it another name");
    }

    @Test
    void oneFileNamedTwiceIsReadOnce() throws IOException {
        Path file = write("a.yaml", WEB);
        Files.createSymbolicLink(folder.resolve("b.yaml"), file);
        Loaded loaded = ManifestReader.read(List.of(file, folder, file));
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.state().services()).hasSize(1);
    }

    @Test
    void ofAFolderOnlyManifestsAreRead() throws IOException {
        for (String name : List.of(
                ".hidden.yaml",
                "web.yaml~",
                "#web.yaml#",
                "~web.yaml",
                "web.yaml.bak",
                ".web.yaml.swp",
                "4913",
                "notes.txt")) {
            write(name, "no: manifest");
        }
        write("a.yml", WEB);
        write("b.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"p\"}}");
        Files.createDirectory(folder.resolve("c.yaml"));
        write("c.yaml/below.yaml", WEB.replace("web", "below"));
        Loaded loaded = read();
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.state().services()).extracting(Sourced::title).containsExactly("Service default/web");
        assertThat(loaded.state().pods()).hasSize(1);
    }

    @Test
    void pathsThatAreNoUseAreFileErrors() throws IOException, InterruptedException {
        Path nothing = folder.resolve("nothing.yaml");
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling.yaml"), nothing);
        Path loop = Files.createSymbolicLink(folder.resolve("loop.yaml"), folder.resolve("loop.yaml"));
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path comments = write("comments.yaml", "# nothing yet\n---\n");
        Path fifo = folder.resolve("fifo.yaml");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        assertThat(fileError(nothing)).endsWith("nothing.yaml: no such file or folder; check the path");
        assertThat(fileError(dangling)).endsWith("dangling.yaml: is a link that leads nowhere; mend or remove it");
        assertThat(fileError(loop)).contains("loop.yaml: cannot be read (");
        assertThat(fileError(empty))
                .endsWith(
                        "empty: has no *.yaml, *.yml or *.json; name a folder with manifests; its subfolders are not read");
        assertThat(fileError(comments))
                .endsWith("comments.yaml: holds no Kubernetes object; write one, or name another");
        assertThat(fileError(fifo)).endsWith("fifo.yaml: is no regular file; name a file or a folder");
        assertThat(fileError(Path.of("/dev/zero"))).endsWith("/dev/zero: is no regular file; name a file or a folder");
        assertThat(fileError(write("only.yaml", "{apiVersion: v1, kind: ConfigMap}")))
                .endsWith("only.yaml: holds nothing that can be served; add a Service");
    }

    private static String fileError(Path path) {
        List<Problem> errors = ManifestReader.read(List.of(path)).fileErrors();
        assertThat(errors).as("%s", path).hasSize(1);
        return errors.get(0).toString();
    }

    private Loaded read() {
        return ManifestReader.read(List.of(folder));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static String indented(String text) {
        return text.replace("\n", "\n  ").stripTrailing() + "\n";
    }
}
