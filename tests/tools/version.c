/* Prints which libwebsockets runs; the exit status is the number of arguments. */
#include <libwebsockets.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char line[64];

	(void)argv;
	while (fgets(line, sizeof(line), stdin))
		fputs(line, stdout);
	printf("version %s\n", lws_get_library_version());
	fprintf(stderr, "to the error stream\n");
	return argc - 1;
}
