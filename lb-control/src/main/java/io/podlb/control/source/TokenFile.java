package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code tokenFile} of a kubeconfig, which the client knows and does not read. It is read for every request, as
 * whoever rotates the token replaces the file. While it cannot be read, the last token is used on. Any thread.
 */
final class TokenFile implements OAuthTokenProvider {

    private static final Logger log = LoggerFactory.getLogger(TokenFile.class);

    private final Path file;
    private volatile String latest = "";
    private volatile boolean failed;

    private TokenFile(Path file) {
        this.file = file;
    }

    /** That of the user of the current context; null if it names none. */
    static @Nullable TokenFile of(Config config) {
        NamedContext context = config.getCurrentContext();
        File kubeconfig = config.getFileWithAuthInfo();
        if (context == null || context.getContext() == null || kubeconfig == null) {
            return null;
        }
        String user = context.getContext().getUser();
        try (InputStream text = Files.newInputStream(kubeconfig.toPath())) {
            return new KubernetesSerialization()
                    .unmarshal(text, io.fabric8.kubernetes.api.model.Config.class).getUsers().stream()
                            .filter(named -> user != null && user.equals(named.getName()))
                            .map(NamedAuthInfo::getUser)
                            .filter(found -> found != null && found.getTokenFile() != null)
                            .map(found -> new TokenFile(
                                    kubeconfig.toPath().toAbsolutePath().resolveSibling(found.getTokenFile())))
                            .findFirst()
                            .orElse(null);
        } catch (IOException e) {
            throw new IllegalArgumentException("kubeconfig " + kubeconfig + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String getToken() {
        try {
            latest = Files.readString(file).strip();
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                failed = true;
                log.warn("token file {} cannot be read ({}), the last token is used on", file, e.toString());
            }
        }
        return latest;
    }
}
