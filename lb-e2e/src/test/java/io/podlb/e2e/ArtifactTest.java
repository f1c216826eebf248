package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is shipped: one jar for Java 17 and both Linux architectures, and the image around it. */
class ArtifactTest {

    private static final int JAVA_17 = 61;

    @Test
    void theJarHasTheNativeTransportsOfBothArchitectures() throws Exception {
        try (JarFile jar = new JarFile(LbProcess.jar())) {
            List<String> names = jar.stream().map(JarEntry::getName).toList();
            for (String transport : List.of("epoll", "io_uring42")) {
                for (String architecture : List.of("x86_64", "aarch_64")) {
                    assertThat(names)
                            .contains("META-INF/native/libnetty_transport_native_" + transport + "_" + architecture
                                    + ".so");
                }
            }
            assertThat(jar.getManifest().getMainAttributes().getValue("Enable-Native-Access"))
                    .as("no warnings on Java 24 and later")
                    .isEqualTo("ALL-UNNAMED");
        }
    }

    @Test
    void theJarRunsOnJava17() throws Exception {
        try (JarFile jar = new JarFile(LbProcess.jar())) {
            for (JarEntry entry : jar.stream()
                    .filter(entry -> entry.getName().startsWith("io/podlb/")
                            && entry.getName().endsWith(".class"))
                    .toList()) {
                try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
                    in.readInt(); // the magic number
                    in.readUnsignedShort(); // the minor version
                    assertThat(in.readUnsignedShort()).as(entry.getName()).isEqualTo(JAVA_17);
                }
            }
        }
    }

    /** There may be no engine to build the image with; its entry point is run as it stands, with the jar where it is. */
    @Test
    void theEntryPointOfTheImageRuns() throws Exception {
        String entryPoint = Files.readAllLines(Path.of("../docker/Dockerfile")).stream()
                .filter(line -> line.startsWith("ENTRYPOINT "))
                .findFirst()
                .orElseThrow();
        List<String> command = new ArrayList<>();
        for (JsonNode word : LbProcess.parse(entryPoint.substring("ENTRYPOINT ".length()))) {
            command.add(
                    switch (word.asString()) {
                        case "java" -> LbProcess.java();
                        case "/opt/podlb/lb.jar" -> LbProcess.jar();
                        default -> word.asString();
                    });
        }
        command.add("version");
        assertThat(Shell.run(command).out()).startsWith("podlb ");
    }
}
