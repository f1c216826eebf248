package io.podlb.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Manifests as a person has them: files in a folder, edited in place or replaced by an editor. */
record Manifests(Path folder) {

    /** The story of README: a Deployment of three behind a ClusterIP and a NodePort Service. */
    static String myWebapp() {
        try (InputStream in = Manifests.class.getResourceAsStream("/my-webapp.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String pod(String name, String address) {
        return """
                ---
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                  labels:
                    app: my-webapp
                spec:
                  nodeName: n0
                  containers:
                    - name: web
                      ports:
                        - containerPort: 80
                status:
                  podIP: %s
                """.formatted(name, address);
    }

    Manifests write(String file, String... parts) {
        try {
            Path temporary = folder.resolve("." + file + ".new");
            Files.writeString(temporary, String.join("\n---\n", parts));
            Files.move(temporary, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Manifests delete(String file) {
        try {
            Files.delete(folder.resolve(file));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String path() {
        return folder.toString();
    }
}
