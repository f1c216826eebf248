package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** What is shipped: one jar for Java 17 and both Linux architectures. */
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
}
