package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The API server of a lab, as a process of its own in a namespace of its own. It is told what there is through a pipe,
 * so that nothing but the node itself crosses the network. Each call returns when the server has done it.
 */
final class ApiProcess implements AutoCloseable {

    private final Process process;
    private final PrintStream in;
    private final BufferedReader out;
    private final String url;

    private ApiProcess(Process process, String url) {
        this.process = process;
        this.in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.url = url;
    }

    /** Starts one. */
    static ApiProcess start(List<String> prefix, String address, int port) {
        try {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ApiProcessMain.class.getName(),
                    address,
                    Integer.toString(port)));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            ApiProcess api = new ApiProcess(process, "http://" + address + ":" + port);
            api.done();
            return api;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        in.println(line);
        try {
            done();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void done() throws IOException {
        assertThat(out.readLine()).as("what the API server says").isEqualTo("done");
    }

    @Override
    public void close() {
        in.close(); // it ends with its standard input
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
