package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;

/**
 * The API server of a lab, as a process of its own in a namespace of its own. It is told what there is through a pipe,
 * so that nothing but the node itself crosses the network. Each call returns when the server has done it.
 */
final class ApiProcess implements AutoCloseable {

    private final ChildJvm jvm;
    private final String url;

    private ApiProcess(ChildJvm jvm, String url) {
        this.jvm = jvm;
        this.url = url;
    }

    /** Starts one. */
    static ApiProcess start(List<String> prefix, String address, int port) {
        ChildJvm jvm = ChildJvm.start(
                prefix, List.of("-Xmx256m"), ApiProcessMain.class, List.of(address, Integer.toString(port)));
        done(jvm.answer());
        return new ApiProcess(jvm, "http://" + address + ":" + port);
    }

    String url() {
        return url;
    }

    /** Creates or replaces an object, given as YAML. */
    void put(String yaml) {
        HasMetadata object = Serialization.unmarshal(yaml);
        tell("put " + Serialization.asJson(object).replace("\n", " "));
    }

    /** Deletes the object that has the kind, namespace and name of this one. */
    void delete(String yaml) {
        HasMetadata object = Serialization.unmarshal(yaml);
        tell("delete " + Serialization.asJson(object).replace("\n", " "));
    }

    /** Breaks all watches and answers nothing but errors from now on. */
    void goAway() {
        tell("away");
    }

    /** Answers again. */
    void comeBack() {
        tell("back");
    }

    private void tell(String line) {
        done(jvm.ask(line));
    }

    private static void done(String answer) {
        assertThat(answer).as("what the API server says").isEqualTo("done");
    }

    @Override
    public void close() {
        jvm.close();
    }
}
