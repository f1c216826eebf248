package io.podlb.control.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority with the certificates of a server at 127.0.0.1 and of one client, made by the JDK's keytool on the spot. */
final class Certificates {

    private static final String PASSWORD = "changeit";

    private final Path folder;
    private final KeyStore store;

    private Certificates(Path folder, KeyStore store) {
        this.folder = folder;
        this.store = store;
    }

    static Certificates in(Path folder) throws Exception {
        keytool(folder, "-genkeypair", "-alias", "authority", "-dname", "CN=authority", "-ext", "bc:c");
        signed(folder, "server", "san=ip:127.0.0.1");
        signed(folder, "client", "eku=clientAuth");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("keys"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return new Certificates(folder, store);
    }

    private static void signed(Path folder, String alias, String extension) throws Exception {
        String request = folder.resolve(alias + ".request").toString();
        String answer = folder.resolve(alias + ".answer").toString();
        keytool(folder, "-genkeypair", "-alias", alias, "-dname", "CN=" + alias);
        keytool(folder, "-certreq", "-alias", alias, "-file", request);
        keytool(folder, "-gencert", "-alias", "authority", "-ext", extension, "-infile", request, "-outfile", answer);
        keytool(folder, "-importcert", "-noprompt", "-alias", alias, "-file", answer);
    }

    private static void keytool(Path folder, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(words));
        command.addAll(List.of("-keystore", "keys", "-storetype", "PKCS12", "-storepass", PASSWORD));
        if (words[0].equals("-genkeypair")) {
            command.addAll(List.of("-keyalg", "RSA", "-keysize", "2048", "-validity", "2"));
        }
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output);
        }
    }

    /** What a server with this certificate presents, and which clients it believes. */
    SSLContext server() throws GeneralSecurityException, IOException {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(
                "server",
                store.getKey("server", PASSWORD.toCharArray()),
                PASSWORD.toCharArray(),
                store.getCertificateChain("server"));
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("authority", store.getCertificate("authority"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** The certificate of one of them as a PEM file. */
    Path certificate(String alias) throws Exception {
        return pem(alias + ".crt", "CERTIFICATE", store.getCertificate(alias).getEncoded());
    }

    /** The private key of one of them as a PEM file. */
    Path key(String alias) throws Exception {
        return pem(
                alias + ".key",
                "PRIVATE KEY",
                store.getKey(alias, PASSWORD.toCharArray()).getEncoded());
    }

    private Path pem(String file, String kind, byte[] content) throws IOException {
        return Files.writeString(
                folder.resolve(file),
                "-----BEGIN " + kind + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                        + "\n-----END " + kind + "-----\n");
    }
}
